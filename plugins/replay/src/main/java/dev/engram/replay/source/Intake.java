package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.djl.rows.SampleRows;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings chosen samples of a batch into the store, and takes out those that must make room. */
final class Intake {

    private final ReplayBufferBuilder settings;
    private final Ledger ledger;
    private final StoreQueue queue;
    private final NDManager manager;
    private final FiniteRows finite = new FiniteRows();
    private boolean isRangeKnown;
    private @Nullable Layout last;

    Intake(ReplayBufferBuilder settings, Ledger ledger, StoreQueue queue, NDManager manager) {
        this.settings = settings;
        this.ledger = ledger;
        this.queue = queue;
        this.manager = manager;
    }

    /** Sees a batch and keeps what the selection wants of it. */
    void observe(ObservedBatch batch) {
        int size = size(batch);
        List<Pick> picks = new ArrayList<>();
        List<String> groups = groups(batch, size);
        for (int row = 0; row < size; row++) {
            long tag = ledger.tags().next();
            if (ledger.wants(tag, ledger.group(batch.task().name(), groups.get(row)))) {
                picks.add(new Pick(row, tag, groups.get(row)));
            }
        }
        keep(batch, picks);
    }

    /** Returns the group of each sample: its task, with its class where it has one. */
    List<String> groups(ObservedBatch batch, int size) {
        String task = batch.task().name();
        long[] classes =
                settings.selection.isBalanced()
                        ? ClassLabels.read(batch.labels(), batch.predictions(), size)
                        : new long[0];
        List<String> groups = new ArrayList<>();
        for (int row = 0; row < size; row++) {
            groups.add(classes.length == 0 ? task : task + "/" + classes[row]);
        }
        return groups;
    }

    /** Keeps some samples of a batch, for as long as others do not push them out. */
    void keep(ObservedBatch batch, List<Pick> picks) {
        if (picks.isEmpty()) {
            return;
        }
        NDManager scope = manager.newSubManager();
        try {
            NDList whole = whole(batch, scope);
            List<Pick> picked = finite.of(batch.task(), whole, picks);
            if (picked.isEmpty()) {
                scope.close();
                return;
            }
            NDList arrays = new NDList();
            Layout layout = gather(batch, whole, picked, arrays, scope);
            queue.apply(change(batch, picked, arrays, layout), scope);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** Called at the end of a task: the next one's inputs may have another range. */
    void forgetTask() {
        isRangeKnown = false;
    }

    static int size(ObservedBatch batch) {
        long size = batch.data().head().getShape().get(0);
        for (NDArray array : new NDList(batch.data()).addAll(batch.labels())) {
            if (array.getShape().dimension() == 0 || array.getShape().get(0) != size) {
                throw new EngramException(
                        "Cannot tell the samples of a batch apart: the first input has %d of them, but an array has shape %s. Give every input and label the batch as first dimension."
                                .formatted(size, array.getShape()));
            }
        }
        int subjects = batch.subjects().size();
        if (subjects != 0 && subjects != size) {
            throw new EngramException(
                    "%d subjects for a batch of %d samples: name one a sample, or none"
                            .formatted(subjects, size));
        }
        return Math.toIntExact(size);
    }

    /** Returns what is kept of a batch. */
    private NDList whole(ObservedBatch batch, NDManager scope) {
        NDList whole = new NDList(batch.data());
        whole.addAll(batch.labels());
        if (settings.keepsPredictions) {
            whole.addAll(bySample(batch, scope));
        }
        return whole;
    }

    private Layout gather(
            ObservedBatch batch, NDList whole, List<Pick> picks, NDList into, NDManager scope) {
        long[] wanted = picks.stream().mapToLong(Pick::row).toArray();
        NDList rows = rows(whole, wanted, scope);
        int inputs = batch.data().size();
        NDList data = new NDList(rows.subList(0, inputs));
        requireRange(data);
        NDList encoded = settings.storage.encode(data, scope);
        int labels = inputs + batch.labels().size();
        into.addAll(encoded);
        into.addAll(rows.subList(inputs, rows.size()));
        return layout(
                encoded,
                new NDList(rows.subList(inputs, labels)),
                new NDList(rows.subList(labels, rows.size())));
    }

    /**
     * Returns the predictions with a row for each sample; what cannot be told apart by samples, as
     * a scalar beside the outputs, is left out.
     */
    private static NDList bySample(ObservedBatch batch, NDManager scope) {
        NDList told = new NDList();
        long samples = size(batch);
        for (NDArray array : batch.predictions()) {
            long rows = SampleRows.perSample(array, samples);
            if (rows > 0) {
                told.add(rows == 1 ? array : folded(array, samples, rows, scope));
            } else if (told.isEmpty()) {
                throw new EngramException(
                        "Predictions of shape %s cannot be kept for each of %d samples: let the model's first output have a row, or several, for each"
                                .formatted(array.getShape(), samples));
            }
        }
        return told;
    }

    private static NDArray folded(NDArray array, long samples, long rows, NDManager scope) {
        NDArray folded = array.reshape(new Shape(samples, rows).addAll(array.getShape().slice(1)));
        folded.attach(scope);
        return folded;
    }

    private void requireRange(NDList data) {
        if (!isRangeKnown) {
            settings.storage.require(data);
            isRangeKnown = true;
        }
    }

    /**
     * Batches of a stream are mostly alike, and to describe them anew takes longer than to look.
     */
    private Layout layout(NDList data, NDList labels, NDList predictions) {
        if (last == null || !last.fits(data, labels, predictions)) {
            last = Layout.of(data, labels, predictions);
        }
        return last;
    }

    private static NDList rows(NDList arrays, long[] rows, NDManager scope) {
        NDList picked = new NDList();
        if (arrays.isEmpty()) {
            return picked;
        }
        try (NDArray index = arrays.head().getManager().create(rows)) {
            for (NDArray array : arrays) {
                NDArray some = array.get(index);
                some.attach(scope);
                some.setName(array.getName());
                picked.add(some);
            }
        }
        return picked;
    }

    private Change change(ObservedBatch batch, List<Pick> picks, NDList arrays, Layout layout) {
        long now = settings.clock.millis();
        List<Entry> fresh = new ArrayList<>();
        for (Pick pick : picks) {
            String name = batch.subjects().isEmpty() ? "" : batch.subjects().get(pick.row());
            fresh.add(
                    ledger.add(
                            new SampleKey(
                                    queue.nextId(),
                                    batch.task().name(),
                                    pick.group(),
                                    pick.tag(),
                                    Subject.mark(name),
                                    now,
                                    layout)));
        }
        Set<Entry> newcomers = new HashSet<>(fresh);
        List<Long> removed =
                ledger.shrink().stream()
                        .filter(entry -> !newcomers.contains(entry))
                        .map(entry -> entry.key.id())
                        .toList();
        List<SampleKey> added =
                fresh.stream().filter(entry -> !entry.gone).map(entry -> entry.key).toList();
        return new Change(removed, added, remaining(fresh, arrays), ledger.state());
    }

    /** Returns the arrays without the rows that had to leave at once. */
    private NDList remaining(List<Entry> fresh, NDList arrays) {
        long[] rows = new long[fresh.size()];
        int count = 0;
        for (int row = 0; row < rows.length; row++) {
            if (!fresh.get(row).gone) {
                rows[count++] = row;
            }
        }
        return count == rows.length || count == 0
                ? arrays
                : rows(arrays, Arrays.copyOf(rows, count), arrays.head().getManager());
    }

    /**
     * A sample that is to be kept.
     *
     * @param row where it stands in its batch
     * @param tag decides how soon it leaves
     * @param group whose share of the budget it counts to
     */
    record Pick(int row, long tag, String group) {}
}
