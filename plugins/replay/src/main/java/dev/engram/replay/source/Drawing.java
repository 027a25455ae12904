package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.replay.internal.ledger.Entry;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.store.Layout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws samples; from a slow store it reads the next draw ahead, while the model trains. */
final class Drawing {

    private static final Logger LOG = LoggerFactory.getLogger(Drawing.class);

    private final Ledger ledger;
    private final StoreQueue queue;
    private final Storage storage;
    private final NDManager manager;
    private @Nullable Draw ahead;

    Drawing(Ledger ledger, StoreQueue queue, Storage storage, NDManager manager) {
        this.ledger = ledger;
        this.queue = queue;
        this.storage = storage;
        this.manager = manager;
    }

    List<ReplayedBatch> draw(String without, int size, NDManager owner) {
        Draw now = ahead;
        if (now == null || !now.isFor(without, size)) {
            forget();
            now = begin(without, size, owner);
        }
        ahead = null;
        List<ReplayedBatch> batches = now.finish(owner, storage);
        if (queue.isDurable()) {
            ahead = begin(without, size, manager);
        }
        return batches;
    }

    /** Throws away what was read ahead. */
    void forget() {
        Draw unwanted = ahead;
        ahead = null;
        if (unwanted != null) {
            unwanted.discard();
        }
    }

    private Draw begin(String without, int size, NDManager owner) {
        Map<Layout, List<Entry>> byLayout = new LinkedHashMap<>();
        for (Entry entry : ledger.kept().draw(without, size, ledger.tags())) {
            byLayout.computeIfAbsent(entry.key.layout(), layout -> new ArrayList<>()).add(entry);
        }
        NDManager scope = owner.newSubManager();
        List<Part> parts = new ArrayList<>();
        byLayout.forEach(
                (layout, entries) -> {
                    long[] ids = entries.stream().mapToLong(entry -> entry.key.id()).toArray();
                    List<String> tasks = entries.stream().map(entry -> entry.key.task()).toList();
                    parts.add(new Part(layout, tasks, queue.read(ids, scope)));
                });
        return new Draw(without, size, parts, scope);
    }

    /**
     * Samples on their way from the store.
     *
     * @param scope owns their arrays
     */
    private record Draw(String without, int size, List<Part> parts, NDManager scope) {

        boolean isFor(String task, int wanted) {
            return without.equals(task) && size == wanted;
        }

        List<ReplayedBatch> finish(NDManager owner, Storage storage) {
            List<ReplayedBatch> batches = new ArrayList<>();
            try (scope) {
                for (Part part : parts) {
                    batches.add(part.finish(owner, storage));
                }
            }
            return batches;
        }

        void discard() {
            try (scope) {
                for (Part part : parts) {
                    part.discard();
                }
            }
        }
    }

    /** The samples of one layout. */
    private record Part(Layout layout, List<String> tasks, Future<NDList> arrays) {

        void discard() {
            try {
                StoreQueue.await(arrays);
            } catch (EngramException e) {
                LOG.debug("Samples that nobody wants any more could not be read", e);
            }
        }

        ReplayedBatch finish(NDManager owner, Storage storage) {
            NDList read = StoreQueue.await(arrays);
            for (NDArray array : read) {
                array.attach(owner);
            }
            return new Replayed(
                    storage.decode(layout.data(read), owner),
                    layout.labels(read),
                    layout.predictions(read),
                    tasks,
                    owner);
        }
    }

    private record Replayed(
            NDList data, NDList labels, NDList predictions, List<String> tasks, NDManager manager)
            implements ReplayedBatch {

        @Override
        public int size() {
            return tasks.size();
        }
    }
}
