package dev.engram.replay.dataset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rows.RowPool;
import dev.engram.kit.rows.Subjects;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One pass over a data set, with earlier samples mixed in. */
final class MixedBatches implements Iterator<Batch> {

    private final Iterator<Batch> fresh;
    private final ReplaySource source;
    private final Task task;
    private final Mixing mixing;
    private final Subjects subjects;
    private final Deque<Batch> waiting = new ArrayDeque<>();

    /** Counts on from epoch to epoch. */
    private final AtomicLong steps;

    MixedBatches(
            Iterator<Batch> fresh,
            ReplaySource source,
            Task task,
            Mixing mixing,
            Subjects subjects,
            AtomicLong steps) {
        this.steps = steps;
        this.fresh = fresh;
        this.source = source;
        this.task = task;
        this.mixing = mixing;
        this.subjects = subjects;
    }

    @Override
    public boolean hasNext() {
        return !waiting.isEmpty() || fresh.hasNext();
    }

    @Override
    public Batch next() {
        return waiting.isEmpty() ? mixed(fresh.next()) : waiting.remove();
    }

    private Batch mixed(Batch batch) {
        NDManager owner = batch.getManager();
        int wanted = mixing.count(steps.incrementAndGet(), size(batch));
        int count = (int) Math.min(wanted, source.available(task));
        List<ReplayedBatch> drawn = count == 0 ? List.of() : source.draw(task, count, owner);
        source.observe(
                ObservedBatch.of(
                        task,
                        batch.getData(),
                        batch.getLabels(),
                        new NDList(),
                        subjects.of(batch)));
        Batch whole = batch;
        for (ReplayedBatch earlier : drawn) {
            if (signature(earlier.data(), earlier.labels())
                    .equals(signature(batch.getData(), batch.getLabels()))) {
                whole = joined(whole, earlier);
            } else {
                waiting.add(alone(batch, earlier));
            }
        }
        return whole;
    }

    private static Batch joined(Batch batch, ReplayedBatch earlier) {
        return batch(
                batch,
                batch.getManager(),
                concat(batch.getData(), earlier.data()),
                concat(batch.getLabels(), earlier.labels()),
                batch.getIndices());
    }

    private static Batch alone(Batch like, ReplayedBatch earlier) {
        NDManager owner = like.getManager().getParentManager().newSubManager();
        earlier.data().attach(owner);
        earlier.labels().attach(owner);
        return batch(like, owner, earlier.data(), earlier.labels(), null);
    }

    private static Batch batch(
            Batch like, NDManager owner, NDList data, NDList labels, @Nullable List<?> indices) {
        return new Batch(
                owner,
                data,
                labels,
                Math.toIntExact(data.head().getShape().get(0)),
                Batchifier.STACK,
                Batchifier.STACK,
                like.getProgress(),
                like.getProgressTotal(),
                indices);
    }

    private static NDList concat(NDList fresh, NDList earlier) {
        NDList joined = new NDList();
        for (int i = 0; i < fresh.size(); i++) {
            NDArray whole = NDArrays.concat(new NDList(fresh.get(i), earlier.get(i)));
            whole.setName(fresh.get(i).getName());
            joined.add(whole);
        }
        return joined;
    }

    private static String signature(NDList data, NDList labels) {
        return RowPool.signature(new NDList(data).addAll(labels));
    }

    private static int size(Batch batch) {
        return Math.toIntExact(batch.getData().head().getShape().get(0));
    }
}
