package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.kit.loss.ClassDivergence;

/** How far answers are from those of another model, in units of the loss that the model trains. */
final class Divergence {

    private Divergence() {}

    /**
     * Returns the mean divergence over samples: of the classes' probabilities where labels are
     * classes, of each output's where the loss takes logits of several labels, and else the loss
     * itself, with the other model's answers as labels. Outputs that the other model has not are
     * free.
     */
    static NDArray of(Loss loss, NDList labels, NDList others, NDList answers) {
        NDArray other = others.head();
        NDArray answer = ClassDivergence.shared(answers.head(), other);
        if (loss instanceof SigmoidBinaryCrossEntropyLoss) {
            return ofLabels(other, answer);
        }
        return areClasses(loss, labels, answer)
                ? ClassDivergence.of(wide(other), wide(answer))
                : loss.evaluate(others, withHead(answers, answer));
    }

    private static NDList withHead(NDList answers, NDArray head) {
        NDList all = new NDList(answers);
        all.set(0, head);
        return all;
    }

    /**
     * Labels name a class for each row of the outputs' last axis, or are one-hot, as only the loss
     * can tell.
     */
    static boolean areClasses(Loss loss, NDList labels, NDArray answer) {
        Shape shape = answer.getShape();
        if (labels.isEmpty() || shape.dimension() < 2 || shape.get(shape.dimension() - 1) < 2) {
            return false;
        }
        Shape given = labels.head().getShape();
        if (loss instanceof SoftmaxCrossEntropyLoss && given.dimension() == shape.dimension()) {
            return true;
        }
        long rows = shape.size() / shape.get(shape.dimension() - 1);
        return given.size() == rows;
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
