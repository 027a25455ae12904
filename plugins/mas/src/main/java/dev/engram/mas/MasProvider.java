package dev.engram.mas;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.penalty.Merging;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.provider.PenaltyProvider;
import java.util.List;

/** Memory-aware synapses (Aljundi et al. 2018): importances of all tasks add up. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class MasProvider extends PenaltyProvider {

    private static final String SENSITIVITY_PENALTY = "sensitivity-penalty";

    private static final Setting<Double> GAMMA =
            Setting.number("gamma", 1, 0, 1, "What remains of earlier importance after each task.");
    private static final Setting<Integer> SAMPLES =
            Setting.integer(
                    "samples",
                    1000,
                    1,
                    Integer.MAX_VALUE,
                    "Samples of a task that are used at most; each costs a pass of its own.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public MasProvider() {
        super(
                "mas",
                "Memory-aware synapses: importance from the outputs alone, no labels needed.",
                SENSITIVITY_PENALTY);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return PenaltySettings.and(GAMMA, SAMPLES);
    }

    @Override
    public Strategy create(Settings settings) {
        OutputSensitivity importance =
                OutputSensitivity.builder().optSamples(settings.get(SAMPLES)).build();
        return Strategy.of(
                PenaltySettings.guard(id(), importance, settings)
                        .optMerging(Merging.ONLINE)
                        .optDecay(settings.get(GAMMA))
                        .build());
    }
}
