package dev.engram.replay.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SoftmaxCrossEntropyLoss;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.djl.autograd.Scaled;
import dev.engram.djl.rows.SampleRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Under which loss each task was learnt: one that masks other tasks' outputs differs from task to
 * task.
 *
 * <p>Known are the tasks of this process; for others the loss at hand is taken. DJL's softmax
 * cross-entropies of one name are taken for the same.
 */
final class TaskLosses {

    private final Map<String, Loss> byTask = new HashMap<>();
    private Loss current = Loss.l2Loss();

    void begin(String task, Loss loss) {
        byTask.put(task, loss);
        current = loss;
    }

    /** Returns the mean loss of a batch, each sample under its own task's loss. */
    NDArray evaluate(NDList predictions, ReplayedBatch batch) {
        List<String> tasks = batch.tasks();
        NDArray total = null;
        int from = 0;
        for (int row = 1; row <= tasks.size(); row++) {
            if (row == tasks.size() || !same(of(tasks.get(row)), of(tasks.get(from)))) {
                NDArray part = evaluate(predictions, batch, from, row, of(tasks.get(from)));
                total = total == null ? part : total.add(part);
                from = row;
            }
        }
        if (total == null) {
            throw new IllegalArgumentException("a replayed batch without samples");
        }
        return total;
    }

    private Loss of(String task) {
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

    private static boolean same(Loss one, Loss other) {
        boolean both =
                one instanceof SoftmaxCrossEntropyLoss && other instanceof SoftmaxCrossEntropyLoss;
        return one == other || (both && one.getName().equals(other.getName()));
    }
}
