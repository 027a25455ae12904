package dev.engram.replay.source;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.MemoryStore;
import dev.engram.replay.store.SampleStore;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Builds a {@link ReplayBuffer}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ReplayBufferBuilder {

    Selection selection = Selection.RESERVOIR;
    Budget budget = Budget.ofSamples(1000);
    Storage storage = Storage.asIs();
    Function<NDManager, SampleStore> store = MemoryStore::new;
    @Nullable Duration timeToLive;
    Clock clock = Clock.systemUTC();
    boolean keepsPredictions;
    long seed = 1;

    ReplayBufferBuilder() {}

    /** Sets which samples stay; a reservoir unless set. */
    public ReplayBufferBuilder optSelection(Selection selection) {
        this.selection = selection;
        return this;
    }

    /** Sets how much is kept; 1,000 samples unless set. */
    public ReplayBufferBuilder optBudget(Budget budget) {
        this.budget = budget;
        return this;
    }

    /** Sets the form in which inputs are kept; as they are unless set. */
    public ReplayBufferBuilder optStorage(Storage storage) {
        this.storage = storage;
        return this;
    }

    /**
     * Sets what opens the store where samples lie, once the device is known; memory of the device
     * unless set. The buffer closes the store.
     */
    public ReplayBufferBuilder optStore(Function<NDManager, SampleStore> store) {
        this.store = store;
        return this;
    }

    /** Sets how long a sample may be kept; as long as there is room unless set. */
    public ReplayBufferBuilder optTimeToLive(Duration timeToLive) {
        this.timeToLive = timeToLive;
        return this;
    }

    /** Sets the clock for the time to live; the system's unless set. */
    public ReplayBufferBuilder optClock(Clock clock) {
        this.clock = clock;
        return this;
    }

    /** Sets whether the model's predictions are kept beside each sample; not unless set. */
    public ReplayBufferBuilder optPredictions(boolean keepsPredictions) {
        this.keepsPredictions = keepsPredictions;
        return this;
    }

    /** Sets the seed of choice and draws; 1 unless set. */
    public ReplayBufferBuilder optSeed(long seed) {
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

    ReplayBufferBuilder copy() {
        ReplayBufferBuilder copy = new ReplayBufferBuilder();
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
