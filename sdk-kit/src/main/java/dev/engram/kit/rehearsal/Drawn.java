package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.StepView;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.Scaled;
import java.util.List;

/**
 * The samples of earlier tasks that go with a step.
 *
 * @param batches one for each shape among them
 * @param weight of their loss, 0 to 1; that of the new batch is the rest
 * @param losses knows under which loss each was learnt
 */
record Drawn(List<ReplayedBatch> batches, double weight, TaskLosses losses) {

    int size() {
        return batches.stream().mapToInt(ReplayedBatch::size).sum();
    }

    /** Returns the mean loss over all samples, inside an open gradient collector. */
    NDArray loss(StepView step, ReplayLoss loss) {
        if (batches.size() == 1) {
            return mean(step, loss, batches.get(0));
        }
        NDArray total = step.scratch().zeros(new Shape());
        for (ReplayedBatch batch : batches) {
            total = total.add(Scaled.by((double) batch.size() / size(), mean(step, loss, batch)));
        }
        return total;
    }

    private NDArray mean(StepView step, ReplayLoss loss, ReplayedBatch batch) {
        // A recurrent block adds its begin states to the list that it is called with.
        NDList inputs = new NDList(batch.data());
        return loss.of(step.trainer().forward(inputs, batch.labels()), batch, losses);
    }
}
