package dev.engram.sleep;

import java.time.Duration;

/** When a sleep must have come to its end: time is kept for judging what was learnt. */
final class Deadline {

    private final long begin = System.nanoTime();
    private final long budget;
    private long reserve;

    Deadline(Duration budget) {
        this.budget = budget.toNanos();
    }

    /** Keeps so much for the end. */
    void reserve(long nanos) {
        reserve = Math.max(reserve, nanos);
    }

    boolean isOver() {
        return System.nanoTime() - begin >= budget - reserve;
    }

    /** Returns which part of the budget is spent, 0 to 1. */
    double spent() {
        return Math.min(1, (System.nanoTime() - begin) / (double) Math.max(1, budget));
    }
}
