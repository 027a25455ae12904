package dev.engram.distillation;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;

/** Learning without forgetting (Li and Hoiem 2016). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class LwfProvider extends DistillationProvider {

    private static final Setting<Teaching> TEACHER = teacher();
    private static final Setting<Heads> HEADS =
            Setting.choice(
                    "heads",
                    Heads.BY_TASK,
                    "Among which outputs answers are probabilities: the classes of each earlier"
                            + " task (tasks that share a class together), or all outputs.");
    private static final Setting<Growth> GROWTH =
            Setting.choice(
                    "growth",
                    Growth.TASKS,
                    "Whether lambda is taken times the number of earlier tasks, so that each weighs"
                            + " as much as the new one, or is the same for all tasks.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public LwfProvider() {
        super(
                "lwf",
                "Learning without forgetting: holds the answers of before to the new task's"
                        + " inputs.");
    }

    @Override
    public List<Setting<?>> settings() {
        return list(LAMBDA, GROWTH, TEMPERATURE, HEADS, TEACHER, EMA);
    }

    @Override
    Distillation.Builder guard(Settings settings) {
        return Distillation.builder()
                .optLambda(settings.get(LAMBDA))
                .optGrowth(settings.get(GROWTH) == Growth.TASKS)
                .optTemperature(settings.get(TEMPERATURE))
                .optHeads(settings.get(HEADS))
                .optTeacher(settings.get(TEACHER).state())
                .optEma(settings.get(EMA));
    }

    /** How the strength changes from task to task. */
    enum Growth {
        TASKS,
        NONE
    }
}
