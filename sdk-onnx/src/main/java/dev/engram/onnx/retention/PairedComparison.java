package dev.engram.onnx.retention;

import dev.engram.api.Experimental;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;
import org.jspecify.annotations.Nullable;

/** Two models on the same samples of a task. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PairedComparison {

    private final String task;
    private final int both;
    private final int lost;
    private final int gained;
    private final int size;

    private PairedComparison(String task, int both, int lost, int gained, int size) {
        this.task = task;
        this.both = both;
        this.lost = lost;
        this.gained = gained;
        this.size = size;
    }

    /**
     * Returns the paired comparison with these values.
     *
     * @param task the task
     * @param both how many samples both answer rightly
     * @param lost how many only the earlier one does
     * @param gained how many only the later one does
     * @param size how many samples there are
     */
    public static PairedComparison of(String task, int both, int lost, int gained, int size) {
        return new PairedComparison(task, both, lost, gained, size);
    }

    /** Returns the task. */
    public String task() {
        return task;
    }

    /** Returns how many samples both answer rightly. */
    public int both() {
        return both;
    }

    /** Returns how many only the earlier one does. */
    public int lost() {
        return lost;
    }

    /** Returns how many only the later one does. */
    public int gained() {
        return gained;
    }

    /** Returns how many samples there are. */
    public int size() {
        return size;
    }

    /** Returns the accuracy of the earlier model, 0 to 1. */
    public double before() {
        return (double) (both + lost) / size;
    }

    /** Returns the accuracy of the later model, 0 to 1. */
    public double after() {
        return (double) (both + gained) / size;
    }

    /** Returns by how much the accuracy fell, -1 to 1; below 0 if it rose. */
    public double fall() {
        return (double) (lost - gained) / size;
    }

    /**
     * Returns what the fall is at least, with a one-sided confidence such as 0.95.
     *
     * <p>Newcombe's interval for paired proportions (Statistics in Medicine 17, 1998, method 10):
     * Wilson's bounds of both accuracies, joined by the correlation of the answers.
     */
    public double fallAtLeast(double confidence) {
        return new PairedBound(this, confidence).lower();
    }

    /** Returns what the fall is at most, like {@link #fallAtLeast}. */
    public double fallAtMost(double confidence) {
        return new PairedBound(this, confidence).upper();
    }

    /**
     * Returns how likely at least so many of the changed answers would be losses if losses and
     * gains were equally likely: McNemar's test, exact and one-sided.
     */
    public double chanceOfSuchLosses() {
        return lost + gained == 0
                ? 1
                : BinomialTest.withDefaults()
                        .with(AlternativeHypothesis.GREATER_THAN)
                        .test(lost + gained, lost, 0.5)
                        .getPValue();
    }

    /** Returns whether a limit is kept, as far as the samples tell. */
    public Verdict verdict(RetentionLimit limit) {
        if (fallAtLeast(limit.confidence()) > limit.allowedFall()) {
            return Verdict.FELL;
        }
        return fallAtMost(limit.confidence()) <= limit.allowedFall()
                ? Verdict.HELD
                : Verdict.UNDECIDED;
    }

    /** Returns a line about the comparison. */
    public String describe(RetentionLimit limit) {
        return String.format(
                Locale.ROOT,
                "%s: %.1f %% -> %.1f %% on %d samples (%d lost, %d gained); it fell by at least"
                    + " %.1f and at most %.1f points, each at %s confidence; allowed are %s: %s",
                task,
                100 * before(),
                100 * after(),
                size,
                lost,
                gained,
                100 * fallAtLeast(limit.confidence()),
                100 * fallAtMost(limit.confidence()),
                limit.confidence(),
                limit.allowedPoints(),
                verdict(limit));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PairedComparison that
                && task.equals(that.task)
                && both == that.both
                && lost == that.lost
                && gained == that.gained
                && size == that.size;
    }

    @Override
    public int hashCode() {
        return Objects.hash(task, both, lost, gained, size);
    }
}
