package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.HingeLoss;
import ai.djl.training.loss.L1Loss;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The gradient of each sample's loss with respect to its predictions, apart from the model.
 *
 * <p>A sample's loss is what the loss says of this sample alone. Of the losses of DJL that are
 * known to be a mean over the samples it is asked once for the whole batch. Any other may mask,
 * weigh or normalise over a batch: it is asked for the whole batch and for three samples alone, and
 * if it says the same of those, but for one factor, it is taken for a mean or a sum; else, for this
 * and all further batches, once for each sample. The model runs only once either way.
 */
final class LossGradient {

    private static final Set<Class<?>> MEANS =
            Set.of(
                    SoftmaxCrossEntropyLoss.class,
                    SigmoidBinaryCrossEntropyLoss.class,
                    L1Loss.class,
                    L2Loss.class,
                    HingeLoss.class);
    private static final int FEWEST = 8;

    private final Loss loss;
    private final SplittableRandom random = new SplittableRandom(1);
    private boolean isApart;

    LossGradient(Loss loss) {
        this.loss = loss;
    }

    /**
     * Returns the gradients, one array for each prediction, in its shape; what stands in the place
     * of an integer's is of no meaning.
     *
     * @param samples how many samples the batch has
     * @param manager owns all that is made here
     */
    NDList of(
            GradientCollector collector,
            NDList labels,
            NDList predictions,
            int samples,
            NDManager manager) {
        AskedLoss asked = new AskedLoss(loss, collector, labels, predictions, samples, manager);
        if (MEANS.contains(loss.getClass())) {
            return scaled(asked.whole(), samples, manager);
        }
        if (!isApart && samples >= FEWEST) {
            NDList whole = asked.whole();
            double factor = factor(whole, asked);
            if (factor > 0) {
                return scaled(whole, factor, manager);
            }
            isApart = true;
        }
        return asked.apart();
    }

    /**
     * Returns by what the gradients of a batch are smaller than those of its samples alone, 0 if it
     * is not the same for those that are looked at.
     */
    private double factor(NDList whole, AskedLoss asked) {
        int[] rows = asked.telling(whole, random);
        List<NDList> alone = new ArrayList<>();
        for (int row : rows) {
            alone.add(asked.some(row, row + 1));
        }
        for (double factor : new double[] {asked.samples(), 1}) {
            boolean fits = rows.length > 0;
            for (int i = 0; fits && i < rows.length; i++) {
                fits = asked.isSame(whole, rows[i], factor, alone.get(i));
            }
            if (fits) {
                return factor;
            }
        }
        return 0;
    }

    private static NDList scaled(NDList gradients, double factor, NDManager manager) {
        NDList scaled = new NDList();
        for (NDArray gradient : gradients) {
            NDArray product = isDifferentiable(gradient) ? Scaled.by(factor, gradient) : gradient;
            product.attach(manager);
            scaled.add(product);
        }
        return scaled;
    }

    /** Returns whether an array can have a gradient. */
    static boolean isDifferentiable(NDArray array) {
        return array.getDataType().isFloating();
    }
}
