package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.task.Task;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes over samples that hold a value which is not finite: rehearsed, they would ruin weights of
 * tasks whose own samples are all sound.
 *
 * <p>It reads one number a row on the host. On a CPU that waits for nothing, and once a reservoir
 * is full few batches have a row to keep. On other devices it would wait, at every batch; there the
 * listener's own check of outputs and gradients must do.
 */
final class FiniteRows {

    private static final Logger LOG = LoggerFactory.getLogger(FiniteRows.class);

    private boolean isSaid;

    /** Returns those picks whose rows are finite in all arrays. */
    List<Intake.Pick> of(Task task, NDList arrays, List<Intake.Pick> picks) {
        if (arrays.head().getDevice().isGpu()) {
            return picks;
        }
        double[] sums = new double[Math.toIntExact(arrays.head().getShape().get(0))];
        try (NDManager call = arrays.head().getManager().newSubManager()) {
            arrays.stream()
                    .filter(array -> array.getDataType().isFloating())
                    .forEach(array -> add(array, call, sums));
        }
        List<Intake.Pick> finite =
                picks.stream().filter(pick -> Double.isFinite(sums[pick.row()])).toList();
        if (finite.size() < picks.size() && !isSaid) {
            isSaid = true;
            LOG.warn(
                    "{} samples of a batch of task \"{}\" hold values that are not finite: such"
                            + " samples are not kept. Look for NaN in the data.",
                    picks.size() - finite.size(),
                    task.name());
        }
        return finite;
    }

    private static void add(NDArray array, NDManager call, double[] sums) {
        NDArray flat = array.stopGradient();
        flat.attach(call);
        // A number less itself is zero, or not a number: sums of sound values do not overflow.
        NDArray zeros = flat.sub(flat).reshape(new Shape(sums.length, -1));
        double[] found = zeros.sum(new int[] {1}).toType(DataType.FLOAT64, false).toDoubleArray();
        for (int row = 0; row < sums.length; row++) {
            sums[row] += found[row];
        }
    }
}
