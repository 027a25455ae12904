package dev.engram.replay.source;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.SampleKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A bounded choice of the samples seen so far.
 *
 * <p>{@link Selection} says which samples stay, {@link Budget} how many, {@link Storage} in what
 * form, and the store where. The choice is made on the host from random tags; rows are gathered on
 * the device, one operation an array, and only those that stay. A store that outlives the process
 * works on a thread of its own, and the next draw is read ahead. Such a store holds everything;
 * from one that does not, the samples go into the listener's memory directory when it is written.
 *
 * <p>Over several epochs a sample is observed several times and may be kept several times. Used on
 * the training thread.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ReplayBuffer implements ReplaySource {

    private final ReplayBufferBuilder settings;
    private Ledger ledger;
    private @Nullable Opened opened;
    private boolean hasExpired;
    private boolean isClosed;

    ReplayBuffer(ReplayBufferBuilder builder) {
        this.settings = builder.copy();
        this.ledger = settings.newLedger();
    }

    /** Returns a builder. */
    public static ReplayBufferBuilder builder() {
        return new ReplayBufferBuilder();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        Opened here = open(training.manager());
        if (here.queue.isDurable()) {
            reload(here);
        }
        here.intake.forgetTask();
        expire(here);
    }

    @Override
    public void observe(ObservedBatch batch) {
        Opened here = open(batch.data());
        if (settings.selection.isOnline()) {
            expire(here);
            here.intake.observe(batch);
        }
    }

    @Override
    public boolean isOnline() {
        return settings.selection.isOnline();
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        Opened here = open(task.scratch());
        expire(here);
        if (!settings.selection.isOnline()) {
            new Herding(task, settings.budget).keepIn(here.intake);
        }
        if (hasExpired) {
            hasExpired = false;
            here.queue.purge();
        }
    }

    /** Returns how many samples are kept, those of all tasks. */
    public int size() {
        return ledger.kept().all().size();
    }

    @Override
    public Set<String> tasks() {
        return ledger.kept().tasks();
    }

    @Override
    public long forget(Task task) {
        List<Entry> found =
                ledger.kept().all().stream()
                        .filter(entry -> entry.key.task().equals(task.name()))
                        .toList();
        if (opened != null && !found.isEmpty()) {
            remove(opened, found);
        }
        return found.size();
    }

    @Override
    public long available(Task unwanted) {
        if (opened != null) {
            expire(opened);
        }
        return ledger.kept().countWithout(unwanted.name());
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        Opened here = open(manager);
        expire(here);
        return here.drawing.draw(unwanted.name(), size, manager);
    }

    /**
     * Removes every sample of a subject; from a store that outlives the process also what other
     * processes put there, whether or not this one has used it yet.
     */
    @Override
    public long erase(String subject) {
        if (subject.isEmpty()) {
            throw new EngramException("erase(\"\"): samples of nobody are not erased; give a name");
        }
        boolean wasOpen = opened != null;
        Engine engine = Engine.getInstance();
        Opened here = open(engine.defaultDevice(), engine);
        long removed = erase(subject, here);
        if (!wasOpen) {
            // The device of the training is not known yet.
            close();
            isClosed = false;
        }
        return removed;
    }

    private long erase(String subject, Opened here) {
        if (here.queue.isDurable()) {
            reload(here);
        }
        String digest = Subject.digest(subject);
        List<Entry> found =
                ledger.kept().all().stream()
                        .filter(entry -> entry.key.subject().equals(digest))
                        .toList();
        remove(here, found);
        // Also what was removed earlier, for want of room, is still in the files.
        here.queue.purge();
        return found.size();
    }

    @Override
    public void save(MemoryWriter memory) {
        if (opened == null) {
            return;
        }
        expire(opened);
        opened.queue.finish();
        if (opened.queue.isDurable()) {
            apply(opened, List.of());
            opened.queue.finish();
        } else {
            new BufferFile(ledger, opened.queue).save(memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        Opened here = open(memory.manager());
        if (!here.queue.isDurable()) {
            BufferFile.restore(memory, ledger, here.queue);
            remove(here, ledger.shrink());
        }
    }

    @Override
    public void close() {
        isClosed = true;
        if (opened != null) {
            Opened here = opened;
            opened = null;
            ledger = settings.newLedger();
            here.drawing.forget();
            try (here.manager) {
                here.queue.close();
            }
        }
    }

    private Opened open(NDList like) {
        NDArray first = like.head();
        return open(first.getDevice(), first.getManager().getEngine());
    }

    private Opened open(NDManager like) {
        return open(like.getDevice(), like.getEngine());
    }

    private Opened open(Device device, Engine engine) {
        if (opened != null) {
            return opened;
        }
        if (isClosed) {
            throw new EngramException("This replay buffer is closed: build a new one");
        }
        NDManager manager = NDManager.newBaseManager(device, engine.getEngineName());
        manager.setName("engram replay");
        try {
            Opened here = new Opened(manager, settings, ledger);
            load(here);
            opened = here;
            return here;
        } catch (RuntimeException e) {
            // Not half open: a second attempt must not go on over an empty ledger.
            ledger = settings.newLedger();
            manager.close();
            throw e;
        }
    }

    private void load(Opened here) {
        try {
            here.queue.state().ifPresent(ledger::resume);
            reload(here);
        } catch (RuntimeException e) {
            here.queue.close();
            throw e;
        }
    }

    /** Takes in what other processes that share the store have put there or taken out. */
    private void reload(Opened here) {
        here.queue.finish();
        Map<Long, SampleKey> stored = new HashMap<>();
        here.queue.forEach(key -> stored.put(key.id(), key));
        for (Entry entry : ledger.kept().all()) {
            if (stored.remove(entry.key.id()) == null) {
                ledger.remove(entry);
            }
        }
        stored.values().stream()
                .sorted(Comparator.comparingLong(SampleKey::born).thenComparing(SampleKey::id))
                .forEach(ledger::add);
        List<Entry> surplus = ledger.shrink();
        if (!surplus.isEmpty()) {
            remove(here, surplus);
        }
    }

    private void expire(Opened here) {
        if (settings.timeToLive != null) {
            long oldest = settings.clock.millis() - settings.timeToLive.toMillis();
            List<Entry> old = ledger.kept().bornBefore(oldest);
            if (!old.isEmpty()) {
                remove(here, old);
                hasExpired = true;
            }
        }
    }

    private void remove(Opened here, List<Entry> entries) {
        entries.stream().filter(entry -> !entry.gone).forEach(ledger::remove);
        here.drawing.forget();
        apply(here, entries);
    }

    private void apply(Opened here, List<Entry> removed) {
        List<Long> ids = removed.stream().map(entry -> entry.key.id()).toList();
        Change change = new Change(ids, List.of(), new NDList(), ledger.state());
        here.queue.apply(change, here.manager.newSubManager());
    }

    /** What a buffer has once the device is known. */
    private static final class Opened {

        final NDManager manager;
        final StoreQueue queue;
        final Intake intake;
        final Drawing drawing;

        Opened(NDManager manager, ReplayBufferBuilder settings, Ledger ledger) {
            this.manager = manager;
            this.queue = new StoreQueue(settings.store.apply(manager));
            this.intake = new Intake(settings, ledger, queue, manager);
            this.drawing = new Drawing(ledger, queue, settings.storage, manager);
        }
    }
}
