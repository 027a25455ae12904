package dev.engram.metalearning;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Meta-SGD (Li et al. 2017, "Meta-SGD: learning to learn quickly for few-shot learning"). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class MetaSgdProvider extends DescribedProvider {

    private static final Setting<Optional<Path>> FILE =
            Setting.optionalPath(
                    "file",
                    "Step sizes that MetaTrainer learnt and StepSizes.save wrote; without it every"
                            + " weight has the one of otherwise.");
    private static final Setting<Double> OTHERWISE =
            Setting.number(
                    "otherwise",
                    0.1,
                    0,
                    1e6,
                    "The step size of parameters that the file has none for: 1 is the optimizer's"
                            + " own step, 0 none.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public MetaSgdProvider() {
        super(
                "meta-sgd",
                "Meta-SGD: each weight moves by a share of the optimizer's step that was learnt"
                        + " before; nothing kept.",
                Set.of(StepScaling.ROLE),
                Set.of(StepScaling.ROLE, Role.ISOLATION));
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(FILE, OTHERWISE);
    }

    @Override
    public Strategy create(Settings settings) {
        MetaSgd.Builder builder = MetaSgd.builder().optOtherwise(settings.get(OTHERWISE));
        settings.get(FILE).ifPresent(builder::optFile);
        return Strategy.of(builder.build());
    }
}
