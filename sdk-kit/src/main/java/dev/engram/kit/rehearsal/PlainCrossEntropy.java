package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tells DJL's own softmax cross-entropies apart: they do not say how they were built, but show it.
 *
 * <p>A subclass is none of them, because it may compute anything. Waits for the device.
 */
final class PlainCrossEntropy {

    private static final float[][] OUTPUTS = {
        {0.5f, -1, 2, 0, 1, -0.5f, 1.5f, 0.25f, -2}, {-1, -2, -0.5f, -3, -1, -2, -0.25f, -1, -4}
    };
    private static final long[] LABELS = {2, 0, 1};
    private static final double TOLERANCE = 1e-5;

    private PlainCrossEntropy() {}

    /** Returns what tells equal ones by, nothing for every other loss. */
    static float @Nullable [] fingerprint(Loss loss, NDManager manager) {
        if (loss.getClass() != SoftmaxCrossEntropyLoss.class) {
            return null;
        }
        try (NDManager call = manager.newSubManager()) {
            float[] values = new float[OUTPUTS.length];
            for (int i = 0; i < values.length; i++) {
                NDArray outputs = call.create(OUTPUTS[i], new Shape(LABELS.length, 3));
                values[i] =
                        loss.evaluate(new NDList(call.create(LABELS)), new NDList(outputs))
                                .getFloat();
            }
            return values;
        } catch (RuntimeException e) {
            // It wants other labels than class numbers.
            return null;
        }
    }

    /** Returns whether a loss is the cross-entropy of class numbers and logits, times a weight. */
    static boolean isOfClasses(Loss loss, NDManager manager) {
        float[] found = fingerprint(loss, manager);
        float[] plain = fingerprint(Loss.softmaxCrossEntropyLoss(), manager);
        return found != null
                && plain != null
                && Math.abs(found[0] / plain[0] - found[1] / plain[1]) < TOLERANCE;
    }

    static boolean isSame(float @Nullable [] one, float @Nullable [] other) {
        return one != null && Arrays.equals(one, other);
    }
}
