package dev.engram.sleep;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.sleep.internal.inputs.GivenInputs;
import dev.engram.sleep.internal.inputs.Rows;
import dev.engram.tck.SmallTasks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Gives all samples of a small task with their labels, however many are asked for. */
final class LabelledSource extends KnownSource {

    private final int task;

    LabelledSource(int task) {
        super(task);
        this.task = task;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        List<ReplayedBatch> drawn = new ArrayList<>();
        Iterator<Batch> batches = GivenInputs.begin(SmallTasks.dataset(manager, task), manager);
        batches.forEachRemaining(batch -> drawn.add(replayed(batch, manager)));
        return drawn;
    }

    private ReplayedBatch replayed(Batch batch, NDManager manager) {
        int samples = (int) batch.getData().head().getShape().get(0);
        return ReplayedBatch.of(
                Rows.copied(batch.getData(), Rows.range(samples), manager),
                Rows.copied(batch.getLabels(), Rows.range(samples), manager),
                new NDList(),
                Collections.nCopies(samples, name(task)),
                manager);
    }
}
