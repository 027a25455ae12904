package dev.engram.api.sleep;

import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.replay.ReplaySource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a listener keeps of the tasks that a model has learnt, while nothing trains.
 *
 * <p>As long as it is open no other process may write to the memory directory, and no training may
 * begin. It is used on one thread. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface SleepingMemory extends AutoCloseable {

    /** Returns the names of the tasks that were learnt, in order. */
    List<String> tasks();

    /**
     * Returns where samples of them can be drawn, with no task left out under the name of one that
     * is not there; nothing where no guard keeps or makes samples. It stays the guard's.
     */
    Optional<ReplaySource> source();

    /** Gives back the room that what is kept does not need; all that is kept stays. */
    void compact();

    /**
     * Says that the model's weights have moved, and are to be protected as they are now: guards
     * take in anew what they keep about weights ({@link SettlingGuard}), and what is kept is
     * written to the memory directory.
     *
     * <p>A guard that fails holds what it held; a warning says so.
     *
     * @param loss under which the tasks were learnt
     * @return the names of the guards that took something in
     * @throws EngramException if the memory directory cannot be written
     */
    Set<String> settle(Loss loss);

    /** Lets others write to the memory directory. */
    @Override
    void close();
}
