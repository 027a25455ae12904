package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import dev.engram.api.EngramException;
import java.util.SplittableRandom;

/**
 * Draws labels from the distribution that a model's outputs stand for, seeded on the host.
 *
 * <p>Under DJL's sigmoid binary cross-entropy each output is a Bernoulli variable; under its L2
 * loss, {@code w (y - f)²}, a Gaussian around the output with the variance {@code 1/(2w)} of which
 * that is the negative log-likelihood, 1 with DJL's default weight; under any other loss two or
 * more outputs a sample are the logits of a class (Gumbel-max).
 */
final class ModelLabels {

    private final SplittableRandom random;
    private final Loss loss;

    ModelLabels(SplittableRandom random, Loss loss) {
        this.random = random;
        this.loss = loss;
    }

    /**
     * Returns labels of the shape and type of the data's, drawn under the model.
     *
     * @throws EngramException if it is not known which distribution the predictions stand for
     */
    NDList draw(NDList labels, NDList predictions, NDManager manager) {
        require(loss, labels, predictions);
        NDArray outputs = predictions.head().stopGradient();
        outputs.attach(manager);
        NDArray drawn;
        if (isBernoulli(loss)) {
            drawn = bernoulli(outputs, manager);
        } else if (isGaussian(loss)) {
            drawn = gaussian(outputs, manager);
        } else {
            drawn = categorical(outputs, manager);
        }
        return new NDList(like(labels.head(), drawn, manager));
    }

    /** Refuses what labels cannot be drawn for; looks at shapes alone. */
    static void require(Loss loss, NDList labels, NDList predictions) {
        boolean single = labels.size() == 1 && predictions.size() == 1;
        boolean each = isBernoulli(loss) || isGaussian(loss);
        if (!single || !(each ? isOneEach(labels, predictions) : isClass(labels, predictions))) {
            throw new EngramException(
                    "Labels can be drawn from the model for one class label a sample and logits of"
                            + " shape (samples, 2 classes or more), and under DJL's"
                            + " SigmoidBinaryCrossEntropyLoss or L2Loss for one label an output;"
                            + " seen: the loss %s, labels %s, predictions %s. Set labels = data"
                                    .formatted(
                                            loss.getClass().getName(),
                                            shapes(labels),
                                            shapes(predictions)));
        }
    }

    private static boolean isOneEach(NDList labels, NDList predictions) {
        return labels.head().getShape().size() == predictions.head().getShape().size();
    }

    private static boolean isClass(NDList labels, NDList predictions) {
        Shape logits = predictions.head().getShape();
        return logits.dimension() == 2
                && logits.get(1) > 1
                && labels.head().getShape().size() == logits.get(0);
    }

    private static boolean isBernoulli(Loss loss) {
        return loss.getClass() == SigmoidBinaryCrossEntropyLoss.class;
    }

    private static boolean isGaussian(Loss loss) {
        return loss.getClass() == L2Loss.class;
    }

    private NDArray bernoulli(NDArray outputs, NDManager manager) {
        NDArray p = takesLogits(manager) ? outputs.getNDArrayInternal().sigmoid() : outputs;
        p.attach(manager);
        float[] noise = new float[Math.toIntExact(outputs.size())];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextDouble();
        }
        return manager.create(noise, outputs.getShape()).lt(p);
    }

    /** Of logits, 0 is as near to one label as to the other; of probabilities it is one of them. */
    private boolean takesLogits(NDManager manager) {
        return lossOf(0, 0, manager) == lossOf(1, 0, manager);
    }

    private NDArray gaussian(NDArray outputs, NDManager manager) {
        double deviation = 1 / Math.sqrt(2 * lossOf(1, 0, manager));
        float[] noise = new float[Math.toIntExact(outputs.size())];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (deviation * random.nextGaussian());
        }
        return outputs.add(manager.create(noise, outputs.getShape()));
    }

    private float lossOf(float label, float output, NDManager manager) {
        NDList labels = new NDList(manager.create(new float[] {label}, new Shape(1, 1)));
        NDList outputs = new NDList(manager.create(new float[] {output}, new Shape(1, 1)));
        return loss.evaluate(labels, outputs).toType(DataType.FLOAT32, false).getFloat();
    }

    private NDArray categorical(NDArray logits, NDManager manager) {
        float[] noise = new float[Math.toIntExact(logits.size())];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) -Math.log(-Math.log(random.nextDouble(Double.MIN_NORMAL, 1)));
        }
        return logits.add(manager.create(noise, logits.getShape())).argMax(1);
    }

    private static NDArray like(NDArray label, NDArray drawn, NDManager manager) {
        drawn.attach(manager);
        NDArray shaped = drawn.reshape(label.getShape());
        shaped.attach(manager);
        NDArray typed = shaped.toType(label.getDataType(), false);
        typed.attach(manager);
        return typed;
    }

    private static String shapes(NDList arrays) {
        return arrays.stream().map(array -> array.getShape().toString()).toList().toString();
    }
}
