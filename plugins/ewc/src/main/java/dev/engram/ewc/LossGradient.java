package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.HingeLoss;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.djl.autograd.Scaled;
import dev.engram.djl.rows.SampleRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The gradient of each sample's loss with respect to its predictions, apart from the model.
 *
 * <p>A sample's loss is what the loss says of this sample alone. Of the losses of DJL that are
 * known to be a mean over the samples it is asked once for the whole batch; of any other, which may
 * mask, weigh or normalise over a batch, once for each sample. The model runs only once either way.
 */
final class LossGradient {

    private static final Set<Class<?>> MEANS =
            Set.of(
                    SoftmaxCrossEntropyLoss.class,
                    SigmoidBinaryCrossEntropyLoss.class,
                    L1Loss.class,
                    L2Loss.class,
                    HingeLoss.class);

    private LossGradient() {}

    /**
     * Returns the gradients, one array for each prediction, in its shape; what stands in the place
     * of an integer's is of no meaning.
     *
     * @param samples how many samples the batch has
     * @param manager owns all that is made here
     */
    static NDList of(
            GradientCollector collector,
            Loss loss,
            NDList labels,
            NDList predictions,
            int samples,
            NDManager manager) {
        int pieces = MEANS.contains(loss.getClass()) ? 1 : samples;
        List<NDList> leaves = new ArrayList<>();
        NDArray total = null;
        for (int piece = 0; piece < pieces; piece++) {
            int from = piece * (samples / pieces);
            int to = from + samples / pieces;
            NDList leaf = leaves(cut(predictions, samples, from, to), manager);
            NDArray part = loss.evaluate(SampleRows.of(labels, samples, from, to), leaf);
            leaves.add(leaf);
            total = total == null ? part : total.add(part);
        }
        if (total == null) {
            throw new IllegalArgumentException("a batch without samples");
        }
        NDArray sum = pieces == 1 ? Scaled.by(samples, total) : total;
        sum.attach(manager);
        collector.backward(sum);
        return gradients(leaves, manager);
    }

    /** Returns whether an array can have a gradient. */
    static boolean isDifferentiable(NDArray array) {
        return array.getDataType().isFloating();
    }

    /** Integers that do not count by samples go to the loss as they are. */
    private static NDList cut(NDList predictions, int samples, int from, int to) {
        NDList cut = new NDList();
        for (NDArray prediction : predictions) {
            boolean whole =
                    !isDifferentiable(prediction) && SampleRows.perSample(prediction, samples) == 0;
            NDArray some = whole ? prediction : SampleRows.of(prediction, samples, from, to);
            some.setName(prediction.getName());
            cut.add(some);
        }
        return cut;
    }

    private static NDList leaves(NDList predictions, NDManager manager) {
        NDList leaves = new NDList();
        for (NDArray prediction : predictions) {
            NDArray leaf = prediction.stopGradient();
            leaf.attach(manager);
            leaf.setName(prediction.getName());
            if (isDifferentiable(leaf)) {
                leaf.setRequiresGradient(true);
            }
            leaves.add(leaf);
        }
        return leaves;
    }

    private static NDList gradients(List<NDList> leaves, NDManager manager) {
        NDList gradients = new NDList();
        for (int i = 0; i < leaves.get(0).size(); i++) {
            NDList parts = new NDList();
            for (NDList piece : leaves) {
                NDArray leaf = piece.get(i);
                if (isDifferentiable(leaf)) {
                    NDArray part = leaf.getGradient();
                    part.attach(manager);
                    parts.add(part);
                }
            }
            gradients.add(joined(parts, leaves.get(0).get(i), manager));
        }
        return gradients;
    }

    private static NDArray joined(NDList parts, NDArray leaf, NDManager manager) {
        if (parts.isEmpty()) {
            return leaf;
        }
        NDArray whole = parts.size() == 1 ? parts.head() : NDArrays.concat(parts);
        whole.attach(manager);
        return whole;
    }
}
