package dev.engram.distillation;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.provider.DescribedProvider;
import java.util.List;
import java.util.Set;

/** What the strategies of this module have in common. */
abstract class DistillationProvider extends DescribedProvider {

    static final Setting<Double> LAMBDA =
            Setting.number(
                    "lambda",
                    1,
                    0,
                    1e9,
                    "Strength; more holds what the model answered, and leaves new tasks less"
                            + " room.");
    static final Setting<Double> TEMPERATURE =
            Setting.number(
                    "temperature",
                    2,
                    0.01,
                    1000,
                    "Outputs are divided by it before they become probabilities; more lets answers"
                            + " count that the teacher takes for unlikely.");
    static final Setting<Double> EMA =
            Setting.number("ema", 0.999, 0, 0.999999, "With teacher ema: its decay, each step.");

    DistillationProvider(String id, String description) {
        super(id, description, Set.of(Role.DISTILLATION), Set.of(Role.ISOLATION));
    }

    @Override
    public final String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public final Strategy create(Settings settings) {
        return Strategy.of(guard(settings).optName(id()).build());
    }

    abstract Distillation.Builder guard(Settings settings);

    /** Which state teaches; {@code base} is what {@code kl} is for. */
    enum Teaching {
        LAST_TASK,
        EMA;

        TeacherState state() {
            return this == EMA ? TeacherState.EMA : TeacherState.LAST_TASK;
        }
    }

    static Setting<Teaching> teacher() {
        return Setting.choice(
                "teacher",
                Teaching.LAST_TASK,
                "Who teaches: the model as it was when the last task ended, or a moving average of"
                        + " its weights.");
    }

    static List<Setting<?>> list(Setting<?>... settings) {
        return List.of(settings);
    }
}
