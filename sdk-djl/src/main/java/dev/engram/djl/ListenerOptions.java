package dev.engram.djl;

import ai.djl.ndarray.NDManager;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.privacy.Subjects;
import java.util.Set;

/**
 * What a listener was built with.
 *
 * @param sampleCapacity how many samples of a task are kept for its consolidation
 * @param seed seeds the choice of those samples
 * @param needs what the strategies need, from {@code Need}
 * @param rehearses whether a strategy trains on earlier samples
 * @param subjects says whom samples are about
 */
record ListenerOptions(
        int sampleCapacity, long seed, Set<String> needs, boolean rehearses, Subjects subjects) {

    UniformSample newSample(NDManager owner) {
        return new UniformSample(owner, sampleCapacity, seed);
    }
}
