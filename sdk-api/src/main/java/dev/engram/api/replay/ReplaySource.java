package dev.engram.api.replay;

import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Set;

/**
 * Gives samples of earlier tasks.
 *
 * <p>Called on the training thread by the guard that rehearses. This type grows by default methods
 * only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ReplaySource extends AutoCloseable {

    /** Called before the first step of a task; opens what must be opened. */
    default void onTaskBegin(TrainingView training) {}

    /** Sees a batch of the task that trains now; must not keep the arrays themselves. */
    void observe(ObservedBatch batch);

    /**
     * Returns whether {@link #observe} alone fills the source; one that answers {@code false}
     * chooses in {@link #onTaskEnd}.
     */
    default boolean isOnline() {
        return true;
    }

    /** Called when a task was learnt, for sources that choose among its samples then. */
    default void onTaskEnd(FinishedTask task) {}

    /** Returns whether {@link #onBase} can take in a model without data of its task; no here. */
    default boolean protectsBase() {
        return false;
    }

    /**
     * Called before {@link #onTaskBegin} of the first task of a model that had values already, if
     * the user asked for their protection and {@link #protectsBase} is true: from now on the base
     * is an earlier task.
     *
     * @param base the model; its samples are inputs of the new task, perhaps none, without labels
     */
    default void onBase(FinishedTask base) {}

    /**
     * Called when an epoch of a task ended: what is observed from now on may have been observed
     * before.
     */
    default void onEpoch() {}

    /**
     * Takes note that the user goes on without the samples of some tasks, which may be lost. A
     * source must refuse to begin a task where it misses samples that its memory knows of, unless
     * their task is among these.
     */
    default void continueWithout(Set<String> tasks) {}

    /** Returns the names of the tasks of which samples are kept. */
    Set<String> tasks();

    /**
     * Removes every sample of a task, whose training failed.
     *
     * @return how many samples were removed
     */
    long forget(Task task);

    /** Returns how many samples of tasks other than {@code unwanted} could be drawn. */
    long available(Task unwanted);

    /**
     * Draws samples of all tasks but one.
     *
     * @param unwanted the task left out, mostly the one that trains now
     * @param size how many; of fewer that are {@link #available}, all
     * @param manager the manager that will own the arrays, on the device where they are wanted
     * @return the samples, one batch for each shape among them
     */
    List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager);

    /**
     * Removes every sample of a subject, wherever it is kept.
     *
     * @return how many samples were removed
     */
    long erase(String subject);

    /**
     * Returns the version of what {@link #save} writes, 1 or more, see {@link
     * dev.engram.api.guard.ForgettingGuard#stateVersion}.
     */
    default int stateVersion() {
        return 1;
    }

    /**
     * Gives back the room, in memory and in files, that what is kept does not need, between
     * trainings; may take long. Every sample that is kept stays.
     */
    default void compact() {}

    /** Writes down the samples and the state of the draw. */
    void save(MemoryWriter memory);

    /** Reads back what {@link #save} wrote. */
    void restore(MemoryReader memory);

    /** Frees the samples held in memory. */
    @Override
    void close();
}
