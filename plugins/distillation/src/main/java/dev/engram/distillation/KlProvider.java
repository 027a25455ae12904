package dev.engram.distillation;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** The divergence from a pretrained base's answers on the new task's own inputs. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class KlProvider extends DistillationProvider {

    private static final Setting<Double> PLAIN_TEMPERATURE =
            Setting.number(
                    "temperature",
                    1,
                    0.01,
                    1000,
                    "Outputs are divided by it before they become probabilities.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public KlProvider() {
        super(
                "kl",
                "For a pretrained base: holds its answers to the new tasks' own inputs, no old"
                        + " data.");
    }

    @Override
    public List<Setting<?>> settings() {
        return list(LAMBDA, PLAIN_TEMPERATURE);
    }

    @Override
    Distillation.Builder guard(Settings settings) {
        return Distillation.builder()
                .optLambda(settings.get(LAMBDA))
                .optGrowth(false)
                .optTemperature(settings.get(PLAIN_TEMPERATURE))
                .optHeads(Heads.SHARED)
                .optTeacher(TeacherState.BASE);
    }
}
