package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.rows.SampleRows;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A loss that is asked for the gradients of a batch: of all samples together, some, or each alone.
 */
final class AskedLoss {

    private static final double TOLERANCE = 1e-3;

    private final Loss loss;
    private final GradientCollector collector;
    private final NDList labels;
    private final NDList predictions;
    private final int samples;
    private final NDManager manager;

    AskedLoss(
            Loss loss,
            GradientCollector collector,
            NDList labels,
            NDList predictions,
            int samples,
            NDManager manager) {
        this.loss = loss;
        this.collector = collector;
        this.labels = labels;
        this.predictions = predictions;
        this.samples = samples;
        this.manager = manager;
    }

    int samples() {
        return samples;
    }

    NDList whole() {
        return some(0, samples);
    }

    /** Returns the gradients of the loss of some samples. */
    NDList some(int from, int to) {
        NDList leaves = leaves(from, to);
        NDArray value = evaluated(leaves, from, to);
        for (NDArray leaf : leaves) {
            // What a loss says of a few samples need not depend on them, and must be
            // differentiable.
            value =
                    LossGradient.isDifferentiable(leaf)
                            ? value.add(Scaled.by(0, leaf).sum())
                            : value;
        }
        collector.backward(value);
        return gradients(List.of(leaves));
    }

    /** Returns the gradients of the losses of all samples, each asked for alone. */
    NDList apart() {
        List<NDList> leaves = new ArrayList<>();
        NDArray total = manager.zeros(new Shape());
        for (int sample = 0; sample < samples; sample++) {
            NDList leaf = leaves(sample, sample + 1);
            total = total.add(evaluated(leaf, sample, sample + 1));
            leaves.add(leaf);
        }
        total.attach(manager);
        collector.backward(total);
        return gradients(leaves);
    }

    private NDArray evaluated(NDList leaves, int from, int to) {
        NDArray value = loss.evaluate(SampleRows.of(labels, samples, from, to), leaves);
        value.attach(manager);
        return value;
    }

    /** Returns those samples whose gradient is largest, smallest, and another one. */
    int[] telling(NDList whole, SplittableRandom random) {
        float[] sizes = new float[samples];
        for (NDArray gradient : whole) {
            if (LossGradient.isDifferentiable(gradient)) {
                NDArray sums = gradient.abs().reshape(samples, -1).sum(new int[] {1});
                float[] found = sums.toType(DataType.FLOAT32, false).toFloatArray();
                for (int i = 0; i < samples; i++) {
                    sizes[i] += found[i];
                }
            }
        }
        List<Integer> some = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            if (sizes[i] > 0) {
                some.add(i);
            }
        }
        some.sort((one, other) -> Float.compare(sizes[one], sizes[other]));
        return some.isEmpty()
                ? new int[0]
                : new int[] {
                    some.get(0), some.get(some.size() - 1), some.get(random.nextInt(some.size()))
                };
    }

    boolean isSame(NDList whole, int row, double factor, NDList alone) {
        boolean isSame = true;
        for (int i = 0; isSame && i < whole.size(); i++) {
            if (LossGradient.isDifferentiable(whole.get(i))) {
                NDArray part = SampleRows.of(whole.get(i), samples, row, row + 1);
                NDArray gap = Scaled.by(factor, part).sub(alone.get(i)).abs().max();
                double most = value(alone.get(i).abs().max());
                isSame = value(gap) <= TOLERANCE * most;
            }
        }
        return isSame;
    }

    private double value(NDArray scalar) {
        try (NDArray wide = scalar.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray()[0];
        }
    }

    /** Integers that do not count by samples go to the loss as they are. */
    private NDList leaves(int from, int to) {
        NDList leaves = new NDList();
        for (NDArray prediction : predictions) {
            boolean whole =
                    !LossGradient.isDifferentiable(prediction)
                            && SampleRows.perSample(prediction, samples) == 0;
            NDArray some = whole ? prediction : SampleRows.of(prediction, samples, from, to);
            NDArray leaf = some.stopGradient();
            leaf.attach(manager);
            leaf.setName(prediction.getName());
            if (LossGradient.isDifferentiable(leaf)) {
                leaf.setRequiresGradient(true);
            }
            leaves.add(leaf);
        }
        return leaves;
    }

    private NDList gradients(List<NDList> leaves) {
        NDList gradients = new NDList();
        for (int i = 0; i < leaves.get(0).size(); i++) {
            NDList parts = new NDList();
            for (NDList piece : leaves) {
                NDArray leaf = piece.get(i);
                if (LossGradient.isDifferentiable(leaf)) {
                    NDArray part = leaf.getGradient();
                    part.attach(manager);
                    parts.add(part);
                }
            }
            gradients.add(joined(parts, leaves.get(0).get(i)));
        }
        return gradients;
    }

    private NDArray joined(NDList parts, NDArray leaf) {
        if (parts.isEmpty()) {
            return leaf;
        }
        NDArray whole = parts.size() == 1 ? parts.head() : NDArrays.concat(parts);
        whole.attach(manager);
        return whole;
    }
}
