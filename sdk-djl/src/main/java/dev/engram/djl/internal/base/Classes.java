package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One class for each sample and each output of a model that tells classes, drawn at random. */
final class Classes {

    private final List<NDArray> wanted = new ArrayList<>();

    /**
     * Draws classes.
     *
     * @param outputs of the model on as many samples
     * @param manager owns them
     */
    Classes(NDList outputs, SplittableRandom random, NDManager manager) {
        for (NDArray output : outputs) {
            if (tellsClasses(output)) {
                int count = Math.toIntExact(output.getShape().get(1));
                int[] drawn = random.ints(output.getShape().get(0), 0, count).toArray();
                try (NDArray ids = manager.create(drawn)) {
                    NDArray one = ids.oneHot(count, output.getDataType());
                    one.attach(manager);
                    wanted.add(one);
                }
            }
        }
    }

    /** Returns whether any output tells classes. */
    static boolean isToldBy(NDList outputs) {
        return outputs.stream().anyMatch(Classes::tellsClasses);
    }

    private static boolean tellsClasses(NDArray output) {
        return output.getDataType().isFloating()
                && output.getShape().dimension() == 2
                && output.getShape().get(1) > 1;
    }

    /** Returns the sum of the cross entropies over samples and outputs. */
    NDArray loss(NDList outputs) {
        NDArray loss = null;
        int next = 0;
        for (NDArray output : outputs) {
            if (tellsClasses(output)) {
                NDArray one = output.logSoftmax(1).mul(wanted.get(next++)).sum().neg();
                loss = loss == null ? one : loss.add(one);
            }
        }
        if (loss == null) {
            throw new IllegalStateException("no output tells classes");
        }
        return loss;
    }
}
