package dev.engram.ewc;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.rows.SampleRows;
import java.util.Arrays;
import java.util.SplittableRandom;

/** One backward pass a batch, in which each sample's gradient has a random sign of its own. */
final class Sketch {

    private final SplittableRandom random;
    private final LossGradient losses;

    Sketch(SplittableRandom random, Loss loss) {
        this.random = random;
        this.losses = new LossGradient(loss);
    }

    /** Returns whether all that has a gradient tells the samples of a batch apart. */
    static boolean fits(NDList predictions, int samples) {
        return predictions.stream()
                .filter(LossGradient::isDifferentiable)
                .allMatch(prediction -> SampleRows.perSample(prediction, samples) > 0);
    }

    void backward(
            GradientCollector collector, SampleBatch batch, NDList targets, NDList predictions) {
        NDManager manager = batch.manager();
        int samples = batch.size();
        NDList deltas = losses.of(collector, targets, predictions, samples, manager);
        boolean[] signs = signs(samples);
        NDArray signed = manager.zeros(new Shape());
        for (int i = 0; i < deltas.size(); i++) {
            NDArray prediction = predictions.get(i);
            if (LossGradient.isDifferentiable(prediction)) {
                NDArray weights = deltas.get(i).mul(column(signs, prediction, manager));
                weights.attach(manager);
                signed = signed.add(weights.stopGradient().mul(prediction).sum());
            }
        }
        collector.backward(signed);
    }

    private boolean[] signs(int samples) {
        boolean[] signs = new boolean[samples];
        for (int i = 0; i < samples; i++) {
            signs[i] = random.nextBoolean();
        }
        return signs;
    }

    /** Shapes one sign a sample to multiply a prediction; several rows of a sample share it. */
    private static NDArray column(boolean[] signs, NDArray prediction, NDManager manager) {
        int rows = Math.toIntExact(prediction.getShape().get(0));
        float[] column = new float[rows];
        for (int row = 0; row < rows; row++) {
            column[row] = signs[row / (rows / signs.length)] ? 1 : -1;
        }
        long[] dimensions = new long[prediction.getShape().dimension()];
        Arrays.fill(dimensions, 1);
        dimensions[0] = rows;
        return manager.create(column, new Shape(dimensions))
                .toType(prediction.getDataType(), false);
    }
}
