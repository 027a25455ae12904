package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.SplittableRandom;

/** Draws class labels from a model's softmax (Gumbel-max), seeded on the host. */
final class ModelLabels {

    private final SplittableRandom random;

    ModelLabels(SplittableRandom random) {
        this.random = random;
    }

    /**
     * Returns labels of the shape and type of the data's, drawn from the logits.
     *
     * @throws EngramException if the predictions are not one vector of logits a sample
     */
    NDList draw(NDList labels, NDList predictions, NDManager manager) {
        NDArray label = labels.head();
        Shape logits = predictions.head().getShape();
        if (labels.size() != 1
                || predictions.size() != 1
                || logits.dimension() != 2
                || label.getShape().size() != logits.get(0)) {
            throw new EngramException(
                    "Labels can be drawn from the model only for one class label a sample and"
                            + " logits of shape (samples, classes); seen: labels "
                            + labels
                            + ", predictions "
                            + logits
                            + ". Set labels = data");
        }
        NDArray noisy = predictions.head().stopGradient().add(gumbel(logits, manager));
        noisy.attach(manager);
        NDArray drawn = noisy.argMax(1).reshape(label.getShape());
        drawn.attach(manager);
        NDArray typed = drawn.toType(label.getDataType(), false);
        typed.attach(manager);
        return new NDList(typed);
    }

    private NDArray gumbel(Shape shape, NDManager manager) {
        float[] noise = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) -Math.log(-Math.log(random.nextDouble(Double.MIN_NORMAL, 1)));
        }
        return manager.create(noise, shape).toType(DataType.FLOAT32, false);
    }
}
