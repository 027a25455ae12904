package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The mean loss of an epoch's batches, summed on the device and read at its end. */
final class EpochLoss {

    private @Nullable NDArray sum;
    private int steps;

    void begin() {
        if (sum != null) {
            sum.close();
            sum = null;
        }
        steps = 0;
    }

    void add(StepView step) {
        step.batches().forEach(batch -> add(step, batch));
    }

    private void add(StepView step, StepBatch batch) {
        NDList predictions = new NDList();
        batch.predictions().forEach(array -> predictions.add(array.stopGradient()));
        try (NDArray loss = step.loss().evaluate(batch.labels(), predictions)) {
            if (sum == null) {
                sum = step.manager().zeros(new Shape());
            }
            sum.addi(loss);
        }
        predictions.close();
        steps++;
    }

    Optional<Double> read() {
        if (sum == null || steps == 0) {
            return Optional.empty();
        }
        double mean = sum.getFloat() / steps;
        begin();
        return Optional.of(mean);
    }
}
