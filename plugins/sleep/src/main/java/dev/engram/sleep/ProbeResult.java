package dev.engram.sleep;

import dev.engram.api.Experimental;
import java.util.Locale;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.BinomialTest;

/** A task's probe before and after a sleep, sample by sample. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ProbeResult {

    private final String task;
    private final double before;
    private final double after;
    private final int samples;
    private final int won;
    private final int lost;

    private ProbeResult(String task, double before, double after, int samples, int won, int lost) {
        this.task = task;
        this.before = before;
        this.after = after;
        this.samples = samples;
        this.won = won;
        this.lost = lost;
    }

    /** Compares the scores of the same samples, the larger the better. */
    static ProbeResult of(String task, double[] before, double[] after) {
        int won = 0;
        int lost = 0;
        double sumBefore = 0;
        double sumAfter = 0;
        for (int i = 0; i < before.length; i++) {
            won += after[i] > before[i] ? 1 : 0;
            // What is not a number is lost.
            lost += after[i] >= before[i] ? 0 : 1;
            sumBefore += before[i];
            sumAfter += after[i];
        }
        int size = before.length;
        return new ProbeResult(task, sumBefore / size, sumAfter / size, size, won, lost);
    }

    /** Returns the task's name. */
    public String task() {
        return task;
    }

    /** Returns the mean score before: of classes, the share of right answers. */
    public double before() {
        return before;
    }

    /** Returns the mean score after. */
    public double after() {
        return after;
    }

    /** Returns how many samples were looked at. */
    public int samples() {
        return samples;
    }

    /** Returns how many samples are answered better. */
    public int won() {
        return won;
    }

    /** Returns how many samples are answered worse. */
    public int lost() {
        return lost;
    }

    /**
     * Returns how likely so many of the changed answers would be better by chance: the sign test,
     * exact and one-sided, which is McNemar's where answers are right or wrong.
     */
    public double chanceOfRise() {
        return chance(won);
    }

    /** Returns how likely so many of the changed answers would be worse by chance. */
    public double chanceOfFall() {
        return chance(lost);
    }

    private double chance(int which) {
        return won + lost == 0
                ? 1
                : BinomialTest.withDefaults()
                        .with(AlternativeHypothesis.GREATER_THAN)
                        .test(won + lost, which, 0.5)
                        .getPValue();
    }

    /** Returns whether it is more than chance that the task does better. */
    boolean rose(double significance) {
        return after > before && chanceOfRise() <= significance;
    }

    /** Returns whether the task does worse: by more than the margin, or by more than chance. */
    boolean fell(double significance, double margin) {
        return !(after >= before - margin) || (after < before && chanceOfFall() <= significance);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %.4f -> %.4f on %d samples (%d better, %d worse; by chance: %.3g)",
                task,
                before,
                after,
                samples,
                won,
                lost,
                after >= before ? chanceOfRise() : chanceOfFall());
    }
}
