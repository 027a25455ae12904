package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;

/**
 * ER-ACE: new samples are told apart only among the classes of their own batch, so that they do not
 * push the outputs of earlier classes down; earlier samples among all classes (Caccia et al. 2022,
 * equation 3).
 *
 * <p>The user's loop has computed a symmetric loss of the new batch already; its gradient is thrown
 * away and the batch goes through the model once more, which is what this costs beyond replay. The
 * loss must be softmax cross-entropy of class labels.
 */
final class AsymmetricLoss implements Rehearsal {

    private static final float OUT = -1e9f;

    @Override
    public void require(TrainingView training) {
        Loss loss = training.loss();
        if (!PlainCrossEntropy.isOfClasses(loss, training.manager())) {
            throw new EngramException(
                    "ER-ACE replaces the loss of new samples by a softmax cross-entropy over the"
                            + " classes of their batch, but the trainer's is "
                            + loss.getClass().getName()
                            + ": train with Loss.softmaxCrossEntropyLoss(), or use er");
        }
    }

    /** New classes must not push earlier ones down between two rehearsals, either. */
    @Override
    public void rest(StepView step) {
        double scale = step.lossScale();
        zero(step);
        try (NDManager call = step.scratch().newSubManager();
                GradientCollector collector = step.trainer().newGradientCollector()) {
            collector.backward(Scaled.by(scale, fresh(step, call)));
        }
    }

    private static void zero(StepView step) {
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                Cleared.zero(gradient);
            }
        }
    }

    @Override
    public NDArray rehearse(StepView step, Drawn drawn) {
        double scale = step.lossScale();
        zero(step);
        NDArray replayed;
        try (NDManager call = step.scratch().newSubManager();
                GradientCollector collector = step.trainer().newGradientCollector()) {
            replayed =
                    Scaled.by(
                            drawn.weight() * scale,
                            drawn.loss(step, (out, batch, losses) -> losses.evaluate(out, batch)));
            NDArray fresh = Scaled.by((1 - drawn.weight()) * scale, fresh(step, call));
            collector.backward(replayed.add(fresh));
        }
        return replayed;
    }

    /** Returns the mean loss of the step's new samples among the classes of all of them. */
    private static NDArray fresh(StepView step, NDManager call) {
        List<NDList> outputs = new ArrayList<>();
        List<NDList> labels = new ArrayList<>();
        NDArray present = null;
        long samples = 0;
        for (StepBatch batch : step.batches()) {
            NDList classes = attached(batch.labels(), call);
            NDList out = step.trainer().forward(attached(batch.data(), call), classes);
            requireClasses(classes, out);
            NDArray here = present(classes.head(), out.head().getShape().get(1));
            present = present == null ? here : present.maximum(here);
            samples += classes.head().size();
            outputs.add(out);
            labels.add(classes);
        }
        if (present == null) {
            throw new IllegalArgumentException("a step without batches");
        }
        NDArray out = present.neg().add(1f).mul(OUT);
        NDArray total = call.zeros(new Shape());
        for (int i = 0; i < outputs.size(); i++) {
            NDList masked = new NDList(outputs.get(i).head().add(out));
            double share = (double) labels.get(i).head().size() / samples;
            NDArray loss = step.loss().evaluate(labels.get(i), masked);
            total = total.add(share == 1 ? loss : Scaled.by(share, loss));
        }
        return total;
    }

    private static void requireClasses(NDList labels, NDList out) {
        NDArray outputs = out.head();
        NDArray classes = labels.head();
        if (outputs.getShape().dimension() != 2
                || classes.getShape().size() != outputs.getShape().get(0)) {
            throw new EngramException(
                    "ER-ACE needs one class label a sample and outputs of shape (samples, classes),"
                            + " but saw labels "
                            + classes.getShape()
                            + " and outputs "
                            + outputs.getShape());
        }
    }

    /** Returns 1 for each class that is in the batch, 0 for the others. */
    private static NDArray present(NDArray classes, long outputs) {
        NDArray flat = classes.reshape(new Shape(-1)).toType(DataType.INT64, false);
        return flat.oneHot(Math.toIntExact(outputs)).max(new int[] {0});
    }

    /** Returns views of arrays of the user's batch that go away with the call. */
    private static NDList attached(NDList arrays, NDManager call) {
        NDList views = new NDList();
        for (NDArray array : arrays) {
            NDArray view = array.stopGradient();
            view.setName(array.getName());
            view.attach(call);
            views.add(view);
        }
        return views;
    }
}
