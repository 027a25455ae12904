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
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.internal.ledger.SelectionRule;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.MemoryStore;
import dev.engram.replay.store.SampleStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A bounded choice of the samples seen so far.
 *
 * <p>{@link dev.engram.replay.selection.Selection} says which samples stay, {@link
 * dev.engram.replay.selection.Budget} how many, {@link Storage} in what form, and the store where.
 * The choice is made on the host from random tags; rows are gathered on the device, one operation
 * an array, and only those that stay. A store that outlives the process works on a thread of its
 * own, and the next draw is read ahead. Such a store holds everything; from one that does not, the
 * samples go into the listener's memory directory when it is written.
 *
 * <p>While a task of a listener trains, what it pushes out of the budget stays in the store, up to
 * the size of the budget again: if its training is broken off, or the process dies, earlier tasks
 * have all their samples as before.
 *
 * <p>On a CPU a sample is kept once, in however many epochs of its task it is observed: it is
 * recognised by the bytes of its inputs and labels, which are read at every batch, and five epochs
 * leave the same choice as one. What a data set holds several times is kept as often. Augmented
 * samples differ, so each counts, and so do those that are padded to the longest of their batch. An
 * epoch ends where the loop says so ({@code onEpoch}). That takes up to 24 bytes for each sample of
 * an epoch while its task trains, 24 MB at most, and on the heap an entry for each that is kept. On
 * other devices, where to read a batch would wait for it, each observation counts as a sample, so
 * that over several epochs one may be kept several times.
 *
 * <p>Used on the training thread.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ReplayBuffer implements ReplaySource {

    private final Builder settings;
    private final Inventory inventory = new Inventory();
    private @Nullable OpenBuffer opened;
    private boolean isClosed;

    ReplayBuffer(Builder builder) {
        this.settings = builder.copy();
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        open(training.manager()).begin(training.task().name());
    }

    @Override
    public void observe(ObservedBatch batch) {
        OpenBuffer here = open(batch.data());
        if (SelectionRule.of(settings.selection).isOnline()) {
            here.settle();
            here.intake().observe(batch);
        }
    }

    @Override
    public boolean isOnline() {
        return SelectionRule.of(settings.selection).isOnline();
    }

    @Override
    public void onEpoch() {
        if (opened != null) {
            opened.intake().endEpoch();
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        open(task.scratch()).end(task);
    }

    @Override
    public void continueWithout(Set<String> tasks) {
        inventory.giveUp(tasks);
    }

    /** Returns how many samples are kept, those of all tasks. */
    public int size() {
        return opened == null ? 0 : opened.kept().all().size();
    }

    @Override
    public Set<String> tasks() {
        return opened == null ? Set.of() : opened.kept().tasks();
    }

    /**
     * Removes every sample of a task; if it is the one that trains, what it pushed out of the
     * budget comes back.
     */
    @Override
    public long forget(Task task) {
        return opened == null ? 0 : opened.forget(task.name());
    }

    @Override
    public long available(Task unwanted) {
        if (opened == null) {
            return 0;
        }
        opened.expire();
        return opened.kept().countWithout(unwanted.name());
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        return open(manager).draw(unwanted.name(), size, manager);
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
        long removed = open(engine.defaultDevice(), engine).erase(subject);
        if (!wasOpen) {
            // The device of the training is not known yet.
            close();
            isClosed = false;
        }
        return removed;
    }

    /**
     * What the last task pushed out of the budget goes, and no byte of what went stays in a file.
     */
    @Override
    public void compact() {
        if (opened != null) {
            opened.compact();
        }
    }

    @Override
    public void save(MemoryWriter memory) {
        if (opened != null) {
            opened.save(memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        open(memory.manager()).restore(memory);
    }

    @Override
    public void close() {
        isClosed = true;
        if (opened != null) {
            OpenBuffer here = opened;
            opened = null;
            here.close();
        }
    }

    private OpenBuffer open(NDList like) {
        NDArray first = like.head();
        return open(first.getDevice(), first.getManager().getEngine());
    }

    private OpenBuffer open(NDManager like) {
        return open(like.getDevice(), like.getEngine());
    }

    private OpenBuffer open(Device device, Engine engine) {
        if (opened != null) {
            return opened;
        }
        if (isClosed) {
            throw new EngramException("This replay buffer is closed: build a new one");
        }
        NDManager manager = NDManager.newBaseManager(device, engine.getEngineName());
        manager.setName("engram replay");
        try {
            opened = new OpenBuffer(settings, inventory, manager);
            return opened;
        } catch (RuntimeException e) {
            // Not half open: a second attempt begins anew, or fails again.
            manager.close();
            throw e;
        }
    }

    /** Builds a {@link ReplayBuffer}. */
    public static final class Builder {

        Selection selection = Selection.RESERVOIR;
        Budget budget = Budget.ofSamples(1000);
        Storage storage = Storage.asIs();
        Function<NDManager, SampleStore> store = MemoryStore::new;
        @Nullable Duration timeToLive;
        Clock clock = Clock.systemUTC();
        boolean keepsPredictions;
        long seed = 1;

        private Builder() {}

        /** Sets which samples stay; a reservoir unless set. */
        public Builder optSelection(Selection selection) {
            this.selection = selection;
            return this;
        }

        /** Sets how much is kept; 1,000 samples unless set. */
        public Builder optBudget(Budget budget) {
            this.budget = budget;
            return this;
        }

        /** Sets the form in which inputs are kept; as they are unless set. */
        public Builder optStorage(Storage storage) {
            this.storage = storage;
            return this;
        }

        /**
         * Sets what opens the store where samples lie, once the device is known; memory of the
         * device unless set. The buffer closes the store.
         */
        public Builder optStore(Function<NDManager, SampleStore> store) {
            this.store = store;
            return this;
        }

        /** Sets how long a sample may be kept; as long as there is room unless set. */
        public Builder optTimeToLive(Duration timeToLive) {
            this.timeToLive = timeToLive;
            return this;
        }

        /** Sets the clock for the time to live; the system's unless set. */
        public Builder optClock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Sets whether the model's predictions are kept beside each sample; not unless set. */
        public Builder optPredictions(boolean keepsPredictions) {
            this.keepsPredictions = keepsPredictions;
            return this;
        }

        /** Sets the seed of choice and draws; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Builds the source.
         *
         * @throws EngramException if the time to live is not positive
         */
        public ReplayBuffer build() {
            if (timeToLive != null && (timeToLive.isNegative() || timeToLive.isZero())) {
                throw new EngramException(
                        "optTimeToLive(" + timeToLive + "): give a positive duration");
            }
            return new ReplayBuffer(this);
        }

        Ledger newLedger() {
            return new Ledger(selection, storage.toString(), budget, seed);
        }

        Builder copy() {
            Builder copy = new Builder();
            copy.selection = selection;
            copy.budget = budget;
            copy.storage = storage;
            copy.store = store;
            copy.timeToLive = timeToLive;
            copy.clock = clock;
            copy.keepsPredictions = keepsPredictions;
            copy.seed = seed;
            return copy;
        }
    }
}
