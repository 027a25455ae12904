package dev.engram.replay.source;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.replay.internal.ledger.Entry;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.internal.ledger.LedgerState;
import dev.engram.replay.internal.ledger.Underway;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The account of samples and the store that holds them, kept in step. */
final class Books {

    private static final Logger LOG = LoggerFactory.getLogger(Books.class);

    private static final String LEFT =
            "{} samples of \"{}\" are left from a training that died; they go";

    private final Ledger ledger;
    private final StoreQueue queue;
    private final NDManager manager;
    private final Drawing drawing;
    private boolean isInherited;

    Books(Ledger ledger, StoreQueue queue, NDManager manager, Drawing drawing) {
        this.ledger = ledger;
        this.queue = queue;
        this.manager = manager;
        this.drawing = drawing;
    }

    /** Takes over what the store holds. */
    void load() {
        isInherited = queue.state().map(ledger::resume).orElse(false);
        reload();
    }

    /** Removes what the budget does not hold, and what a training left that died. */
    void tidy() {
        Optional<Underway> last = ledger.underway();
        if (last.isEmpty()) {
            leave(ledger.shrink());
        } else if (isInherited && !last.get().hasEnded() && !queue.isShared()) {
            dropUnfinished();
        }
    }

    /** Takes in what other processes that share the store have put there or taken out. */
    void reload() {
        queue.finish();
        Map<Long, SampleKey> stored = new HashMap<>();
        queue.forEach(key -> stored.put(key.id(), key));
        takeAside(entry -> stored.remove(entry.key.id()) == null);
        for (Entry entry : ledger.kept().all()) {
            if (stored.remove(entry.key.id()) == null) {
                ledger.remove(entry);
            }
        }
        stored.values().stream()
                .sorted(Comparator.comparingLong(SampleKey::born).thenComparing(SampleKey::id))
                .forEach(ledger::add);
    }

    /** Agrees with others, who may share the store from its beginning, on which store it is. */
    void agree() {
        if (!queue.isShared()) {
            return;
        }
        if (queue.state().isEmpty()) {
            apply(List.of());
            queue.finish();
        }
        queue.state().map(LedgerState::read).ifPresent(s -> ledger.adopt(s.edition().store()));
    }

    /** Returns whether the task under way was left by an earlier process. */
    boolean isInherited() {
        return isInherited;
    }

    /** Accepts the task under way, if there is one: what it pushed out goes. */
    void accept() {
        isInherited = false;
        if (ledger.underway().isPresent()) {
            apply(ledger.accept());
        }
    }

    /** Removes the samples of a training that never came to its end: they are no task's. */
    void dropUnfinished() {
        isInherited = false;
        String task = ledger.underway().map(Underway::task).orElse("");
        List<Entry> found = ledger.takeBack();
        apply(found);
        LOG.info(LEFT, found.size(), task);
    }

    /**
     * Removes samples under the name of a task that only begins: they are of another process.
     *
     * @throws EngramException if they may be of a task that was learnt
     */
    void dropLeftovers(String task, boolean isRestored) {
        if (!ledger.kept().tasks().contains(task)) {
            return;
        }
        if (!isRestored) {
            throw new EngramException(
                    "The replay store already holds samples of a task \"%s\", so this one would not rehearse them. Name the tasks (nextTask), or go on from a memory directory (optMemory), or use another store."
                            .formatted(task));
        }
        List<Entry> found = takeOut(entry -> entry.key.task().equals(task));
        apply(found);
        LOG.info(LEFT, found.size(), task);
    }

    /** Returns how many samples there are of each task that was learnt. */
    Account account() {
        Map<String, Long> samples = new TreeMap<>();
        ledger.learnt().forEach(key -> samples.merge(key.task(), 1L, Long::sum));
        return new Account(ledger.edition(), queue.toString(), samples);
    }

    /** Returns all entries that match, those put aside, too. */
    List<Entry> find(Predicate<Entry> wanted) {
        List<Entry> found = new ArrayList<>(ledger.kept().all());
        ledger.underway().ifPresent(task -> found.addAll(task.aside()));
        return found.stream().filter(wanted).toList();
    }

    /** Takes entries out of the account; {@link #apply} takes them out of the store. */
    List<Entry> takeOut(Predicate<Entry> wanted) {
        List<Entry> found = new ArrayList<>(ledger.kept().all().stream().filter(wanted).toList());
        found.forEach(ledger::remove);
        found.addAll(takeAside(wanted));
        return found;
    }

    /** Takes those out that were born before a time. */
    List<Entry> takeOld(long oldest) {
        List<Entry> old = new ArrayList<>(ledger.kept().bornBefore(oldest));
        old.forEach(ledger::remove);
        old.addAll(takeAside(entry -> entry.key.born() < oldest));
        return old;
    }

    private List<Entry> takeAside(Predicate<Entry> wanted) {
        List<Entry> aside = ledger.underway().map(Underway::aside).orElse(List.of());
        List<Entry> found = aside.stream().filter(wanted).toList();
        if (!found.isEmpty()) {
            aside.removeAll(found);
        }
        return found;
    }

    void leave(List<Entry> entries) {
        if (!entries.isEmpty()) {
            apply(entries);
        }
    }

    /** Takes entries out of the store that are no longer in the account, and writes its state. */
    void apply(List<Entry> removed) {
        if (removed.isEmpty() && !queue.isDurable()) {
            return;
        }
        drawing.forget();
        List<Long> ids = removed.stream().map(entry -> entry.key.id()).toList();
        Change change = Change.of(ids, List.of(), new NDList(), ledger.state());
        queue.apply(change, manager.newSubManager());
    }
}
