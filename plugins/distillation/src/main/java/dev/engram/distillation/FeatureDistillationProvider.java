package dev.engram.distillation;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** Holds what the last layer sees. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class FeatureDistillationProvider extends DistillationProvider {

    private static final Setting<Teaching> TEACHER = teacher();

    /** Creates the provider, as {@code ServiceLoader} does. */
    public FeatureDistillationProvider() {
        super(
                "feature-distillation",
                "Holds what the last layer sees of the new task's inputs to what it saw before.");
    }

    @Override
    public List<Setting<?>> settings() {
        return list(LAMBDA, TEACHER, EMA);
    }

    @Override
    Distillation.Builder guard(Settings settings) {
        return Distillation.builder()
                .optLambda(settings.get(LAMBDA))
                .optGrowth(false)
                .optDistilled(Distilled.FEATURES)
                .optTeacher(settings.get(TEACHER).state())
                .optEma(settings.get(EMA));
    }
}
