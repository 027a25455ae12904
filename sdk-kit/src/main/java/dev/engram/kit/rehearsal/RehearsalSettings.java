package dev.engram.kit.rehearsal;

import dev.engram.api.Stable;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The settings that every strategy that rehearses has: how many samples, how often, and how they
 * weigh; and the guard that they describe.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RehearsalSettings {

    private static final double MOST = 0.99;

    private static final Setting<Mixing.Course> MIXING =
            Setting.choice(
                    "mixing",
                    Mixing.Course.FIXED,
                    "How the share of earlier samples goes within a task.");
    private static final Setting<Double> SHARE =
            Setting.number(
                    "share",
                    0.2,
                    0,
                    MOST,
                    "Share of earlier samples among all of a step; 0.2 is eight new to two.");
    private static final Setting<Double> LAST_SHARE =
            Setting.number(
                    "last-share",
                    0.5,
                    0,
                    MOST,
                    "The share that linear, cosine and progress mixing end with.");
    private static final Setting<Integer> STEPS =
            Setting.integer(
                    "mixing-steps",
                    1000,
                    1,
                    Integer.MAX_VALUE,
                    "Over how many steps of a task linear and cosine mixing go.");

    /** Whether every sample or every task weighs the same. */
    public static final Setting<Weighing> WEIGHING =
            Setting.choice(
                    "weighing",
                    Weighing.SAMPLES,
                    "Whether every sample or every task weighs the same in the loss.");

    /** At which temperature samples are held to answers instead of labels; nothing unless set. */
    public static final Setting<Optional<Double>> SOFT_TARGETS =
            Setting.optionalNumber(
                    "soft-targets",
                    0.01,
                    1000,
                    "Holds earlier samples to what the model answered to them before the task, at"
                            + " this temperature, and not to their labels (distillation; 2 is as"
                            + " published). The source must keep answers.");

    private static final List<Setting<?>> SHARES = List.of(MIXING, SHARE, LAST_SHARE, STEPS);

    private RehearsalSettings() {}

    /** Returns the settings of how many samples a step rehearses. */
    public static List<Setting<?>> shares() {
        return SHARES;
    }

    /** Returns the settings of a strategy that consists of a source, besides its own. */
    public static List<Setting<?>> all() {
        List<Setting<?>> all = new ArrayList<>(SHARES);
        all.add(every(1));
        all.add(WEIGHING);
        all.add(SOFT_TARGETS);
        return List.copyOf(all);
    }

    /** Returns the guard that {@link #all} describe, for some source: experience replay. */
    public static RehearsalGuard joined(String name, ReplaySource source, Settings settings) {
        RehearsalGuard.Builder guard =
                RehearsalGuard.builder()
                        .setName(name)
                        .setSource(source)
                        .optMixing(mixing(settings))
                        .optEvery(settings.get(every(1)))
                        .optWeighing(settings.get(WEIGHING));
        settings.get(SOFT_TARGETS).ifPresent(guard::optSoftTargets);
        return guard.build();
    }

    /**
     * Returns the setting of how many steps share a rehearsal. At eight new samples to two a pass
     * of its own for the two costs more than they are worth in time: most of a backward pass over
     * few samples is spent on the weights.
     */
    public static Setting<Integer> every(int unlessSet) {
        return Setting.integer(
                "every",
                unlessSet,
                1,
                1000,
                "Rehearse only every so many steps, with the samples of all of them: less time, but"
                        + " earlier tasks fall between two rehearsals, and tasks of fewer steps"
                        + " rehearse nothing. On three data sets 4 kept 0.2 to 0.6 points less than"
                        + " 1, for 1 to 13 % less time; on two 8 kept 0.7 and 1.3 points less.");
    }

    /** Returns how many samples {@link #shares} say. */
    public static Mixing mixing(Settings settings) {
        Mixing.Course course = settings.get(MIXING);
        return course == Mixing.Course.FIXED
                ? Mixing.fixed(settings.get(SHARE))
                : Mixing.changing(
                        course, settings.get(SHARE), settings.get(LAST_SHARE), settings.get(STEPS));
    }
}
