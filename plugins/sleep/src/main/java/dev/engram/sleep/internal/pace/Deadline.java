package dev.engram.sleep.internal.pace;

import java.time.Duration;

/** When a sleep must have come to its end: time is kept for judging what was learnt. */
public final class Deadline {

    private final long begin = System.nanoTime();
    private final long budget;
    private long reserve;

    /** Begins now. */
    public Deadline(Duration budget) {
        this.budget = budget.toNanos();
    }

    /** Keeps so much for the end. */
    public void reserve(long nanos) {
        reserve = Math.max(reserve, nanos);
    }

    /** Returns whether only what is kept for the end is left. */
    public boolean isOver() {
        return System.nanoTime() - begin >= budget - reserve;
    }

    /** Returns which part of the budget is spent, 0 to 1. */
    public double spent() {
        return Math.min(1, (System.nanoTime() - begin) / (double) Math.max(1, budget));
    }
}
