package dev.engram.generativereplay.internal.samples;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.rehearsal.Weighing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How samples that are made are rehearsed where the user takes the source alone. What is made does
 * not run out, so each earlier task may weigh as much as the new one. Another strategy that takes
 * the source has settings of its own for this.
 */
public final class Rehearsed {

    private static final int MADE = 2000;

    private static final Setting<Weighing> WEIGHING =
            Setting.choice(
                    "weighing",
                    Weighing.TASKS,
                    "Where it is taken alone: whether every sample or every task weighs the same"
                            + " in the loss.");
    private static final Setting<Optional<Double>> SOFT_TARGETS =
            Setting.optionalNumber(
                    "soft-targets",
                    0.01,
                    1000,
                    "Where it is taken alone: holds what is made to what the model answered to it"
                            + " before the task, at this temperature, and not to labels"
                            + " (distillation; 2 is as published); then answers is "
                            + MADE
                            + " unless set.");

    private Rehearsed() {}

    /**
     * Returns a source's own settings and those of how it is rehearsed.
     *
     * @param share of what is made among all samples of a step
     */
    public static List<Setting<?>> and(List<Setting<?>> own, double share) {
        List<Setting<?>> all = new ArrayList<>(own);
        all.add(
                Setting.number(
                        "share",
                        share,
                        0,
                        0.99,
                        "Where it is taken alone: share of what is made among all samples of a"
                                + " step."));
        all.add(WEIGHING);
        all.add(SOFT_TARGETS);
        return List.copyOf(all);
    }

    /** Returns how many samples are to be answered: some, where their answers are held. */
    public static int answers(Settings settings, Setting<Integer> answers) {
        boolean isMeant = settings.isSet(answers) || settings.get(SOFT_TARGETS).isEmpty();
        return isMeant ? settings.get(answers) : MADE;
    }
}
