package dev.engram.api.guard;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.Stable;

/**
 * A task that has just been learnt: its samples, and the model in evaluation mode.
 *
 * <p>Nothing done through this view changes BatchNorm statistics or the gradients that the user's
 * loop will see: Engram saves and restores them around {@link ForgettingGuard#onTaskEnd}.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface FinishedTask extends TrainingView {

    /** Returns how many samples of the task were kept. */
    long sampleCount();

    /**
     * Returns the kept samples, cut into batches of at most {@code size} samples, in a fixed order.
     *
     * <p>Each batch lives in a manager of its own, on the training device; the iterator closes it
     * when the next one is asked for. A batch never mixes samples of different shapes, so it can be
     * smaller than {@code size}.
     */
    Iterable<SampleBatch> samples(int size);

    /**
     * Runs the model in evaluation mode, recorded for autograd if a collector is open.
     *
     * @param inputs one batch of inputs, on the training device
     * @return the predictions, attached to the inputs' manager
     */
    NDList predict(NDList inputs);

    /**
     * Returns what the model's last layer sees of one batch of inputs, in evaluation mode.
     *
     * <p>Where the model's structure does not show a last layer, it is the first prediction.
     *
     * @return features, the samples in the first dimension
     */
    default NDArray features(NDList inputs) {
        return predict(inputs).head();
    }

    /**
     * Opens a gradient collector.
     *
     * @throws dev.engram.api.EngramException if the loop has one open already
     */
    GradientCollector newGradientCollector();

    /** Returns a manager that Engram closes when {@link ForgettingGuard#onTaskEnd} returns. */
    NDManager scratch();
}
