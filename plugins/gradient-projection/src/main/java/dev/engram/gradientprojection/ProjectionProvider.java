package dev.engram.gradientprojection;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/** What the strategies of this module have in common. */
abstract class ProjectionProvider extends DescribedProvider {

    private static final Setting<Integer> EVERY =
            Setting.integer(
                    "every",
                    8,
                    1,
                    1_000_000,
                    "After how many steps what they did is projected, all together, and whenever"
                        + " others see the weights: a validation, a prediction, a file, an epoch's"
                        + " end; 1, each step, costs as much again as the step itself.");
    private static final Setting<InputsFrom> INPUTS =
            Setting.choice(
                    "inputs",
                    InputsFrom.AUTO,
                    "From what it is known which inputs a layer has: auto looks at activations"
                            + " where the model's structure shows the layer, and at gradients"
                            + " elsewhere, as in TorchScript; gradients does so everywhere.");

    ProjectionProvider(String id, String description) {
        super(
                id,
                description,
                Set.of(GradientProjection.ROLE),
                Set.of(GradientProjection.ROLE, Role.ISOLATION, Role.SOLVED_HEAD));
    }

    @Override
    public final String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public final List<Setting<?>> settings() {
        return List.of(strength(), EVERY, INPUTS);
    }

    @Override
    public final Strategy create(Settings settings) {
        return Strategy.of(
                guard(settings.get(strength()))
                        .optEvery(settings.get(EVERY))
                        .optInputs(settings.get(INPUTS))
                        .build());
    }

    abstract Setting<Double> strength();

    abstract GradientProjection.Builder guard(double strength);
}
