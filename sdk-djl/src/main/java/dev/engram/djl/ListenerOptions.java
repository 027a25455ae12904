package dev.engram.djl;

import ai.djl.ndarray.NDManager;
import dev.engram.djl.internal.base.BaseOutputs;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.kit.rows.Subjects;
import java.util.Optional;
import java.util.Set;

/**
 * What a listener was built with.
 *
 * @param sampleCapacity how many samples of a task are kept for its consolidation
 * @param seed seeds the choice of those samples
 * @param needs what the strategies need, from {@code Need}
 * @param rehearses whether a strategy trains on earlier samples
 * @param needsSamples whether a guard looks at samples of a finished task
 * @param subjects says whom samples are about
 * @param accumulation how many batches make a step where that is not to be seen, 0 if unknown
 * @param base what is done about skills that the memory knows nothing of
 * @param outputs holds what the base answers, if it is one of the guards
 * @param isolation gives each task parameters of its own, if a strategy does so
 */
record ListenerOptions(
        int sampleCapacity,
        long seed,
        Set<String> needs,
        boolean rehearses,
        boolean needsSamples,
        Subjects subjects,
        int accumulation,
        Base base,
        BaseOutputs outputs,
        Optional<IsolationGuard> isolation) {

    private static final int ENOUGH_FOR_CLASSES = 256;

    /** Returns the sample for a data set to remember, which is all that guards see of it. */
    UniformSample newSample(NDManager owner) {
        return new UniformSample(owner, sampleCapacity, seed);
    }

    /** Returns the sample for a training: a few labels, if all that is asked are the classes. */
    UniformSample newTrainingSample(NDManager owner) {
        return needsSamples
                ? newSample(owner)
                : UniformSample.ofLabels(owner, Math.min(sampleCapacity, ENOUGH_FOR_CLASSES), seed);
    }
}
