package dev.engram.sleep;

import ai.djl.util.Progress;

/** Interrupts its thread when it was told so many times how far a sleep is. */
final class Interrupting implements Progress {

    private int left;

    Interrupting(int updates) {
        this.left = updates;
    }

    @Override
    public void reset(String message, long max, String trailing) {}

    @Override
    public void start(long initial) {}

    @Override
    public void end() {}

    @Override
    public void increment(long increment) {}

    @Override
    public void update(long progress, String message) {
        if (--left == 0) {
            Thread.currentThread().interrupt();
        }
    }
}
