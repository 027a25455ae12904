package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import java.util.SplittableRandom;

/** The layers that make inputs of codes. */
public interface Decoder {

    /** By how much its last layer begins smaller: at first it makes the mean of each class. */
    double LAST = 0.1;

    /** Draws the values that it begins with. */
    void begin(LearntValues values, SplittableRandom random);

    /**
     * Returns by how much the log-odds of what codes stand for differ from those of the mean of
     * their class, one a row.
     *
     * @param gates of each code a factor for each hidden unit that is gated
     */
    NDArray of(NDArray codes, NDArray gates, LearntValues values);

    /** Returns how many hidden units are gated. */
    int gated();
}
