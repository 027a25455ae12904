package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;

/** How far answers are from those of another model, in units of the loss that the model trains. */
final class Divergence {

    private Divergence() {}

    /**
     * Returns the mean divergence over samples: of the classes' probabilities where labels are
     * classes, of each output's where the loss takes logits of several labels, and else the loss
     * itself, with the other model's answers as labels.
     */
    static NDArray of(Loss loss, NDList labels, NDList others, NDList answers) {
        NDArray other = others.head();
        NDArray answer = answers.head();
        if (loss instanceof SigmoidBinaryCrossEntropyLoss) {
            return ofLabels(other, answer);
        }
        return areClasses(labels, answer)
                ? ofClasses(other, answer)
                : loss.evaluate(others, answers);
    }

    /** Labels name a class for each row of the outputs' last axis. */
    static boolean areClasses(NDList labels, NDArray answer) {
        Shape shape = answer.getShape();
        if (labels.isEmpty() || shape.dimension() < 2 || shape.get(shape.dimension() - 1) < 2) {
            return false;
        }
        long rows = shape.size() / shape.get(shape.dimension() - 1);
        return labels.head().getShape().size() == rows;
    }

    private static NDArray ofClasses(NDArray other, NDArray answer) {
        NDArray log = wide(other).logSoftmax(-1);
        NDArray apart = log.sub(wide(answer).logSoftmax(-1)).mul(log.exp());
        return apart.sum(new int[] {-1}).mean();
    }

    private static NDArray ofLabels(NDArray other, NDArray answer) {
        NDArray on = wide(other);
        NDArray now = wide(answer);
        NDArray likely = Activation.sigmoid(on);
        NDArray yes = softplus(now.neg()).sub(softplus(on.neg())).mul(likely);
        NDArray no = softplus(now).sub(softplus(on)).mul(likely.neg().add(1));
        return yes.add(no).mean();
    }

    private static NDArray softplus(NDArray array) {
        return array.maximum(0f).add(array.abs().neg().exp().add(1).log());
    }

    private static NDArray wide(NDArray array) {
        return array.toType(DataType.FLOAT32, false);
    }
}
