package dev.engram.metalearning;

import dev.engram.api.Experimental;

/** How far {@link MetaTrainer} is. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MetaProgress {

    private final int rounds;
    private final double loss;
    private final boolean isBest;

    MetaProgress(int rounds, double loss, boolean isBest) {
        this.rounds = rounds;
        this.loss = loss;
        this.isBest = isBest;
    }

    /** Returns how many rounds are done. */
    public int rounds() {
        return rounds;
    }

    /**
     * Returns the mean loss of the query after a task was learnt: over the tasks of the validation,
     * or without one over the rounds since the last report.
     */
    public double loss() {
        return loss;
    }

    /** Returns whether it is the least so far. */
    public boolean isBest() {
        return isBest;
    }

    @Override
    public String toString() {
        return "%d rounds, loss %.4f%s".formatted(rounds, loss, isBest ? ", the best" : "");
    }
}
