package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.rows.SampleRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Under which loss each task was learnt: one that masks other tasks' outputs differs from task to
 * task.
 *
 * <p>Known are the tasks of this process; for others the loss at hand is taken. DJL's own softmax
 * cross-entropies that were built alike are the same loss.
 */
final class TaskLosses {

    private final Map<String, Learnt> byTask = new HashMap<>();
    private Learnt current = new Learnt(Loss.l2Loss(), null);

    /** Takes note of a task's loss; waits for the device. */
    void begin(String task, Loss loss, NDManager manager) {
        current = new Learnt(loss, PlainCrossEntropy.fingerprint(loss, manager));
        byTask.put(task, current);
    }

    /** Returns the mean loss of a batch, each sample under its own task's loss. */
    NDArray evaluate(NDList predictions, ReplayedBatch batch) {
        List<String> tasks = batch.tasks();
        NDArray total = null;
        int from = 0;
        for (int row = 1; row <= tasks.size(); row++) {
            if (row == tasks.size() || !of(tasks.get(row)).isSame(of(tasks.get(from)))) {
                NDArray part = evaluate(predictions, batch, from, row, of(tasks.get(from)).loss);
                total = total == null ? part : total.add(part);
                from = row;
            }
        }
        if (total == null) {
            throw new EngramException("a replayed batch without samples");
        }
        return total;
    }

    private Learnt of(String task) {
        return byTask.getOrDefault(task, current);
    }

    private static NDArray evaluate(
            NDList predictions, ReplayedBatch batch, int from, int to, Loss loss) {
        int size = batch.size();
        if (to - from == size) {
            return loss.evaluate(batch.labels(), predictions);
        }
        NDList labels = SampleRows.of(batch.labels(), size, from, to);
        NDArray part = loss.evaluate(labels, SampleRows.of(predictions, size, from, to));
        return Scaled.by((double) (to - from) / size, part);
    }

    /** A loss, and what DJL's own are told by. */
    private static final class Learnt {

        final Loss loss;
        private final float @Nullable [] fingerprint;

        Learnt(Loss loss, float @Nullable [] fingerprint) {
            this.loss = loss;
            this.fingerprint = fingerprint;
        }

        boolean isSame(Learnt other) {
            return loss == other.loss || PlainCrossEntropy.isSame(fingerprint, other.fingerprint);
        }
    }
}
