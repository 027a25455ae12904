package dev.engram.generativereplay.internal.samples;

import java.util.SplittableRandom;

/** Streams of random numbers that can be taken up again in another process. */
public final class Seeds {

    /** Not the step of SplittableRandom itself, or one draw would be the next one, shifted. */
    private static final long STEP = 0xD1342543DE82EF95L;

    private Seeds() {}

    /** Returns the stream of one draw of many. */
    public static SplittableRandom of(long seed, long draw) {
        return new SplittableRandom(seed + STEP * draw);
    }

    /** Returns the stream for a class of a task. */
    public static SplittableRandom of(long seed, ClassOfTask learnt) {
        return of(seed, 31L * learnt.task().hashCode() + learnt.label().hashCode());
    }
}
