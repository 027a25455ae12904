package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import java.util.SplittableRandom;

/** The layers that see inputs before codes are made of them. */
public interface Encoder {

    /** Draws the values that it begins with. */
    void begin(LearntValues values, SplittableRandom random);

    /** Returns what the last of them says of inputs, one a row. */
    NDArray of(NDArray inputs, LearntValues values);

    /** Returns how wide that is. */
    int width();
}
