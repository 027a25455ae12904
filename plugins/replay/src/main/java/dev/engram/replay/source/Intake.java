package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.replay.internal.ledger.Entry;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.internal.ledger.SelectionRule;
import dev.engram.replay.internal.recognition.ClassLabels;
import dev.engram.replay.internal.recognition.Recognition;
import dev.engram.replay.internal.recognition.Subject;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings chosen samples of a batch into the store, and takes out those that must make room. */
final class Intake {

    private final ReplayBuffer.Builder settings;
    private final Ledger ledger;
    private final StoreQueue queue;
    private final NDManager manager;
    private final FiniteRows finite = new FiniteRows();
    private final Recognition recognition;
    private final Gathering gathering;

    Intake(ReplayBuffer.Builder settings, Ledger ledger, StoreQueue queue, NDManager manager) {
        this.settings = settings;
        this.ledger = ledger;
        this.queue = queue;
        this.manager = manager;
        this.gathering = new Gathering(settings.storage, settings.keepsPredictions);
        this.recognition = new Recognition(ledger, manager);
    }

    /** Sees a batch and keeps what the selection wants of it, no sample twice. */
    void observe(ObservedBatch batch) {
        int size = size(batch);
        String task = batch.task().name();
        boolean knows = Recognition.knows(batch);
        long[] tags = knows ? recognition.tags(batch, size) : newTags(size);
        List<Pick> picks = new ArrayList<>();
        Set<Long> here = new HashSet<>();
        List<String> groups = groups(batch, size);
        for (int row = 0; row < size; row++) {
            if (ledger.wants(tags[row], ledger.group(task, groups.get(row)))
                    && here.add(tags[row])) {
                Entry kept = knows ? ledger.kept().find(task, tags[row]) : null;
                if (kept == null || isRenewed()) {
                    picks.add(new Pick(row, tags[row], groups.get(row), kept));
                }
            }
        }
        keep(batch, picks);
    }

    private long[] newTags(int size) {
        return LongStream.generate(ledger.tags()::next).limit(size).toArray();
    }

    /**
     * Returns whether a kept sample that comes again takes the place of its earlier self: in a ring
     * the newest stay; and stored predictions are those of an epoch by chance, each as likely.
     */
    private boolean isRenewed() {
        return settings.selection == Selection.RING
                || (settings.keepsPredictions && ledger.tags().nextInt(recognition.epoch()) == 0);
    }

    /** Returns what tells the samples of a batch that may be anywhere; waits for its device. */
    long[] digests(ObservedBatch batch, int size) {
        return recognition.digests(batch, size);
    }

    /** Called between two epochs of a task: what comes now may have come before. */
    void endEpoch() {
        recognition.endEpoch();
    }

    /** Returns the group of each sample: its task, with its class where it has one. */
    List<String> groups(ObservedBatch batch, int size) {
        String task = batch.task().name();
        long[] classes =
                SelectionRule.of(settings.selection).isBalanced()
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
            NDList whole = gathering.whole(batch, scope);
            List<Pick> picked = finite.of(batch.task(), whole, picks);
            if (picked.isEmpty()) {
                scope.close();
                return;
            }
            NDList arrays = new NDList();
            Layout layout = gathering.gather(batch, whole, picked, arrays, scope);
            queue.apply(change(batch, picked, arrays, layout), scope);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** Called at the end of a task: the next one's inputs may have another range. */
    void forgetTask() {
        gathering.forgetTask();
        recognition.forgetTask();
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

    private Change change(ObservedBatch batch, List<Pick> picks, NDList arrays, Layout layout) {
        long now = settings.clock.millis();
        List<Entry> fresh = new ArrayList<>();
        List<Entry> leaving = new ArrayList<>();
        for (Pick pick : picks) {
            String name = batch.subjects().isEmpty() ? "" : batch.subjects().get(pick.row());
            SampleKey key =
                    SampleKey.of(
                            queue.nextId(),
                            batch.task().name(),
                            pick.group(),
                            pick.tag(),
                            Subject.mark(name),
                            now,
                            layout);
            Entry earlier = pick.renewed();
            fresh.add(earlier == null ? ledger.add(key) : ledger.renew(earlier, key));
            if (earlier != null) {
                leaving.add(earlier);
            }
        }
        Set<Entry> newcomers = new HashSet<>(fresh);
        List<Long> removed =
                Stream.concat(leaving.stream(), ledger.shrink().stream())
                        .filter(entry -> !newcomers.contains(entry))
                        .map(entry -> entry.key.id())
                        .toList();
        List<SampleKey> added =
                fresh.stream().filter(entry -> !entry.gone).map(entry -> entry.key).toList();
        return Change.of(removed, added, remaining(fresh, arrays), ledger.state());
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
                : Gathering.rows(arrays, Arrays.copyOf(rows, count), arrays.head().getManager());
    }

    /**
     * A sample that is to be kept.
     *
     * @param row where it stands in its batch
     * @param tag decides how soon it leaves
     * @param group whose share of the budget it counts to
     * @param renewed the same sample as it was kept in an earlier epoch
     */
    record Pick(int row, long tag, String group, @Nullable Entry renewed) {}
}
