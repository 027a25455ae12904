package dev.engram.kit.rehearsal;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;

/**
 * How many earlier samples go with a batch of new ones.
 *
 * <p>The share {@code s} of earlier samples among all of a step is 0 or more and below 1; with
 * {@code n} new samples that is {@code n s/(1-s)} earlier ones, 0 or at least 2. Fractions, and a
 * single one, are carried over from step to step, so that the ratio holds on average for any batch
 * size. Each task begins anew.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Mixing {

    /** How the share goes from its first value to its last. */
    @Stable(since = "0.1", implementedBy = "nobody")
    public enum Course {
        /** It stays as it is. */
        FIXED,
        /** In proportion to the steps of the task. */
        LINEAR,
        /** Along half a cosine over the steps of the task: slow, fast, slow. */
        COSINE,
        /**
         * With what is learnt of the new task: by {@code 1 - L/L₁}, where {@code L} is the mean
         * loss of the last epoch and {@code L₁} that of the first; changes at the end of epochs
         * only.
         */
        PROGRESS
    }

    private final Course course;
    private final double first;
    private final double last;
    private final long steps;
    private double firstLoss = Double.NaN;
    private double progress;
    private double carried;

    private Mixing(Course course, double first, double last, long steps) {
        this.course = course;
        this.first = requireShare(first);
        this.last = requireShare(last);
        this.steps = steps;
    }

    /** Returns a share that stays as it is; 0.2 is eight new samples to two earlier ones. */
    public static Mixing fixed(double share) {
        return new Mixing(Course.FIXED, share, share, 1);
    }

    /**
     * Returns a share that rises or falls within each task.
     *
     * @param course how; {@code steps} counts for {@code LINEAR} and {@code COSINE}, after which
     *     the last share stays
     */
    public static Mixing changing(Course course, double first, double last, long steps) {
        if (steps < 1) {
            throw new InvalidOptionException("mixing over " + steps + " steps: give 1 or more");
        }
        return new Mixing(course, first, last, steps);
    }

    /** Returns whether it must be told losses, see {@link #onEpoch}. */
    public boolean followsLoss() {
        return course == Course.PROGRESS;
    }

    void onTaskBegin() {
        firstLoss = Double.NaN;
        progress = 0;
        carried = 0;
    }

    /** Takes note of the mean loss of an epoch. */
    void onEpoch(double loss) {
        if (Double.isNaN(firstLoss)) {
            firstLoss = loss;
        }
        progress = firstLoss > 0 ? Math.min(1, Math.max(0, 1 - loss / firstLoss)) : 1;
    }

    /** Returns the share at a step of the task, from 1. */
    double share(long step) {
        double way = Math.min(1, (double) (step - 1) / steps);
        double done =
                switch (course) {
                    case FIXED -> 0;
                    case LINEAR -> way;
                    case COSINE -> (1 - Math.cos(Math.PI * way)) / 2;
                    case PROGRESS -> progress;
                };
        return first + (last - first) * done;
    }

    /** Returns how many earlier samples go with the new ones of a step; call it once a step. */
    public int count(long step, int fresh) {
        double share = share(step);
        double wanted = carried + fresh * share / (1 - share);
        int whole = (int) Math.floor(wanted + 1e-9);
        // Layers such as BatchNorm cannot train on one sample: it waits for the next one.
        int count = whole < 2 ? 0 : whole;
        carried = wanted - count;
        return count;
    }

    /** Takes back samples that were not drawn, for a later step. */
    void postpone(int count) {
        carried += count;
    }

    private static double requireShare(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new InvalidOptionException(
                    "a share of earlier samples of " + share + ": give 0 or more, below 1");
        }
        return share;
    }
}
