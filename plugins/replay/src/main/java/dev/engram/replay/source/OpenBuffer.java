package dev.engram.replay.source;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.MissingSampleException;
import dev.engram.replay.store.SampleKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a buffer has once the device is known: samples in a store, and an account of them. */
final class OpenBuffer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenBuffer.class);
    private static final String TASKS = "tasks";

    private final ReplayBufferBuilder settings;
    private final NDManager manager;
    private final StoreQueue queue;
    private final Ledger ledger;
    private final Intake intake;
    private final Drawing drawing;
    private boolean isInherited;
    private boolean hasExpired;

    /** Opens the store; closes it again if it does not fit the settings. */
    OpenBuffer(ReplayBufferBuilder settings, NDManager manager) {
        this.settings = settings;
        this.manager = manager;
        this.queue = new StoreQueue(settings.store.apply(manager));
        this.ledger = settings.newLedger();
        this.intake = new Intake(settings, ledger, queue, manager);
        this.drawing = new Drawing(ledger, queue, settings.storage, manager);
        try {
            load();
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
    }

    Kept kept() {
        return ledger.kept();
    }

    /** Draws samples of all tasks but one; what others took out of a shared store is not missed. */
    List<ReplayedBatch> draw(String without, int size, NDManager owner) {
        expire();
        try {
            return drawing.draw(without, size, owner);
        } catch (MissingSampleException e) {
            LOG.debug("Another process removed samples", e);
            drawing.forget();
            reload();
            return drawing.draw(without, size, owner);
        }
    }

    Intake intake() {
        return intake;
    }

    /** Begins a task: what the last one pushed out goes, and what a dead one left. */
    void begin(String task) {
        if (queue.isDurable()) {
            reload();
        }
        Optional<Underway> last = ledger.underway();
        if (isInherited && last.isPresent() && last.get().task().equals(task)) {
            dropUnfinished(task);
        }
        accept();
        leave(ledger.shrink());
        intake.forgetTask();
        expire();
        ledger.begin(task);
    }

    /** Prepares for samples that come without a task's begin, as from a data set. */
    void settle() {
        if (isInherited) {
            accept();
        }
        expire();
    }

    /** Ends the task that trains; what it pushed out stays aside until the next one begins. */
    void end(FinishedTask task) {
        expire();
        if (!settings.selection.isOnline()) {
            new Herding(task, settings.budget).keepIn(intake);
        }
        ledger.underway().ifPresent(Underway::end);
        apply(List.of());
        if (hasExpired) {
            hasExpired = false;
            queue.purge();
        }
    }

    /** Removes all samples of a task; if it is the one under way, as if it had never begun. */
    long forget(String task) {
        boolean trains = ledger.underway().filter(u -> u.task().equals(task)).isPresent();
        List<Entry> found =
                trains ? ledger.takeBack() : takeOut(entry -> entry.key.task().equals(task));
        apply(found);
        expire();
        return found.size();
    }

    long erase(String subject) {
        if (queue.isDurable()) {
            reload();
        }
        List<Entry> found = takeOut(entry -> Subject.isOf(entry.key.subject(), subject));
        leave(found);
        // Also what was removed earlier, for want of room, is still in the files.
        queue.purge();
        return found.size();
    }

    void save(MemoryWriter memory) {
        expire();
        queue.finish();
        if (queue.isDurable()) {
            memory.text(TASKS, learntTasks());
            apply(List.of());
            queue.finish();
        } else {
            new BufferFile(ledger, queue).save(memory);
        }
    }

    void restore(MemoryReader memory) {
        if (!queue.isDurable()) {
            BufferFile.restore(memory, ledger, queue);
            leave(ledger.shrink());
            return;
        }
        Optional<String> tasks = memory.text(TASKS);
        Optional<Underway> last = ledger.underway();
        if (tasks.isPresent() && last.isPresent()) {
            if (Arrays.asList(tasks.get().split("\n", -1)).contains(last.get().task())) {
                accept();
            } else {
                dropUnfinished(last.get().task());
            }
        }
    }

    /** Removes what has been kept for too long. */
    void expire() {
        if (settings.timeToLive == null) {
            return;
        }
        long oldest = settings.clock.millis() - settings.timeToLive.toMillis();
        List<Entry> old = new ArrayList<>(ledger.kept().bornBefore(oldest));
        old.forEach(ledger::remove);
        old.addAll(takeAside(entry -> entry.key.born() < oldest));
        if (!old.isEmpty()) {
            leave(old);
            hasExpired = true;
        }
    }

    @Override
    public void close() {
        drawing.forget();
        try (manager) {
            try {
                if (ledger.underway().filter(Underway::hasEnded).isPresent()) {
                    accept();
                }
            } finally {
                queue.close();
            }
        }
    }

    private void load() {
        isInherited = queue.state().map(ledger::resume).orElse(false);
        reload();
        Optional<Underway> last = ledger.underway();
        if (last.isEmpty()) {
            leave(ledger.shrink());
        } else if (!last.get().hasEnded() && !queue.isShared()) {
            dropUnfinished(last.get().task());
        }
    }

    /** Takes in what other processes that share the store have put there or taken out. */
    private void reload() {
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

    private void accept() {
        isInherited = false;
        if (ledger.underway().isPresent()) {
            apply(ledger.accept());
        }
    }

    /** Samples of a training that never came to its end are no task's. */
    private void dropUnfinished(String task) {
        isInherited = false;
        List<Entry> found = ledger.takeBack();
        apply(found);
        LOG.info("{} samples of \"{}\" are left from a training that died", found.size(), task);
    }

    private String learntTasks() {
        return ledger.learnt().stream()
                .map(SampleKey::task)
                .distinct()
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private List<Entry> takeOut(Predicate<Entry> wanted) {
        List<Entry> found = new ArrayList<>(ledger.kept().all().stream().filter(wanted).toList());
        found.forEach(ledger::remove);
        found.addAll(takeAside(wanted));
        return found;
    }

    private List<Entry> takeAside(Predicate<Entry> wanted) {
        List<Entry> aside = ledger.underway().map(Underway::aside).orElse(List.of());
        List<Entry> found = aside.stream().filter(wanted).toList();
        if (!found.isEmpty()) {
            aside.removeAll(found);
        }
        return found;
    }

    private void leave(List<Entry> entries) {
        if (!entries.isEmpty()) {
            apply(entries);
        }
    }

    /** Takes entries out of the store that are no longer in the account, and writes its state. */
    private void apply(List<Entry> removed) {
        if (removed.isEmpty() && !queue.isDurable()) {
            return;
        }
        drawing.forget();
        List<Long> ids = removed.stream().map(entry -> entry.key.id()).toList();
        Change change = new Change(ids, List.of(), new NDList(), ledger.state());
        queue.apply(change, manager.newSubManager());
    }
}
