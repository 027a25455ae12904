package dev.engram.djl.internal.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener.BatchData;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Finds class-incremental training: a shared head learns new classes while the loss pushes the old
 * ones down, which no penalty on the weights can prevent.
 *
 * <p>Looks at one batch of a task. Whether the loss reaches the old classes is seen from its
 * gradient with respect to the predictions, so heads that are masked by the loss are not taken for
 * shared.
 */
public final class SharedHeadCheck {

    private SharedHeadCheck() {}

    /** Returns the old classes that this batch pushes down though it holds new ones, or nothing. */
    public static SortedSet<Integer> pushedDown(
            Trainer trainer, BatchData batch, SortedSet<Integer> old, NDManager scratch) {
        HeardBatch heard = HeardBatch.of(batch, List.of());
        NDList labels = heard.labels();
        NDList predictions = heard.predictions();
        if (labels.isEmpty() || predictions.isEmpty() || !heard.isAlive()) {
            return new TreeSet<>();
        }
        long outputs = outputs(predictions.head());
        if (outputs == 0 || !predictions.head().getDataType().isFloating()) {
            return new TreeSet<>();
        }
        SortedSet<Integer> present =
                classes(labels.head(), predictions.head().getShape().get(0), outputs, scratch);
        SortedSet<Integer> pushed = new TreeSet<>(old);
        if (present.isEmpty() || old.containsAll(present)) {
            return new TreeSet<>();
        }
        float[] reach = gradientPerClass(trainer, labels, predictions, scratch);
        pushed.removeIf(c -> present.contains(c) || c >= reach.length || reach[c] == 0);
        return pushed;
    }

    /**
     * Returns the class labels of some samples, empty if the labels are not classes.
     *
     * @param outputs how many outputs the model has a sample, 0 if they are not a vector
     */
    public static SortedSet<Integer> classes(
            NDArray label, long size, long outputs, NDManager scratch) {
        if (label.getShape().size() != size) {
            return new TreeSet<>();
        }
        SortedSet<Integer> classes = new TreeSet<>();
        NDArray wide = label.toType(DataType.FLOAT64, true);
        wide.attach(scratch);
        for (double value : wide.toDoubleArray()) {
            if (value != Math.rint(value) || value < 0 || value >= outputs) {
                return new TreeSet<>();
            }
            classes.add((int) value);
        }
        return classes;
    }

    /** Returns how many outputs a model gives a sample, 0 if they are not a vector. */
    public static long outputs(NDArray predictions) {
        return predictions.getShape().dimension() == 2 ? predictions.getShape().get(1) : 0;
    }

    /** Says how strongly the loss pulls at each output of the first prediction. */
    private static float[] gradientPerClass(
            Trainer trainer, NDList labels, NDList predictions, NDManager scratch) {
        NDList leaves = new NDList();
        for (NDArray prediction : predictions) {
            NDArray leaf = prediction.stopGradient().duplicate();
            leaf.attach(scratch);
            leaves.add(leaf);
        }
        leaves.head().setRequiresGradient(true);
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDArray loss = WrappedLoss.own(trainer.getLoss()).evaluate(labels, leaves);
            loss.attach(scratch);
            collector.backward(loss);
        }
        NDArray gradient = leaves.head().getGradient();
        gradient.attach(scratch);
        NDArray reach = gradient.abs().sum(new int[] {0}).toType(DataType.FLOAT32, false);
        reach.attach(scratch);
        return reach.toFloatArray();
    }
}
