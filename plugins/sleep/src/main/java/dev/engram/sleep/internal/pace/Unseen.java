package dev.engram.sleep.internal.pace;

import ai.djl.util.Progress;
import org.jspecify.annotations.Nullable;

/** Progress that nobody looks at. */
public final class Unseen implements Progress {

    @Override
    public void reset(String message, long max, @Nullable String trailing) {}

    @Override
    public void start(long initial) {}

    @Override
    public void end() {}

    @Override
    public void increment(long increment) {}

    @Override
    public void update(long progress, @Nullable String message) {}
}
