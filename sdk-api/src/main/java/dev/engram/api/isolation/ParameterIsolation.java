package dev.engram.api.isolation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.task.Task;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A way to give each task parameters of its own, over a base that stays as it is.
 *
 * <p>Engram installs a transparent block over the user's, freezes the base, asks for parameters
 * when a task begins, and sends each forward pass to the task that is active. Called on the
 * training thread or, when a registry loads tasks, on the caller's. This type grows by default
 * methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface ParameterIsolation extends AutoCloseable {

    /** Returns the name under which its memory is kept: letters, digits, hyphens. */
    String name();

    /**
     * Creates the parameters of a task, initialised, so that the model's outputs are at first those
     * of the base wherever the method allows it.
     *
     * @throws EngramException if the model does not suit, with all reasons
     */
    TaskParameters create(BaseModel base, Task task);

    /**
     * Returns what another process must share to read the tasks of this one, such as rank and
     * scale, by setting.
     */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Returns the version of the tensors that its tasks have, 1 or more, see {@link
     * dev.engram.api.guard.ForgettingGuard#stateVersion}.
     */
    default int stateVersion() {
        return 1;
    }

    /**
     * Returns the tensors of a task as its parameters would bear them now, from those that an
     * earlier version wrote; called for those alone.
     *
     * @param stateVersion that wrote them
     * @param tensors by the names of the task's parameters then
     * @param manager to own new arrays
     */
    default Map<String, NDArray> restored(
            int stateVersion, Map<String, NDArray> tensors, NDManager manager) {
        return tensors;
    }

    /**
     * Creates the weighted sum of tasks; one task with weight 1 gives that task's outputs, bit for
     * bit.
     *
     * @throws EngramException if the method knows no such sum
     */
    default TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        throw new EngramException(
                "\"" + name() + "\" cannot combine tasks: what it adds to the base has no sum");
    }

    /**
     * Computes the outputs of the base itself.
     *
     * <p>Only a method that writes into the base's arrays, because the block never asks for them,
     * has something to put right before.
     */
    default NDList forwardBase(BaseModel base, ForwardPass pass) {
        return pass.through(base.block(), pass.store(), pass.inputs());
    }

    /**
     * Runs work that reads the base's own values.
     *
     * <p>A method that writes into the base's arrays lets no pass do so until the work is done. The
     * work may run passes on its own thread.
     */
    default <T> T withBase(BaseModel base, Supplier<T> work) {
        uninstall(base);
        return work.get();
    }

    /** Called before the base is given back: its arrays must be as they were, bit for bit. */
    default void uninstall(BaseModel base) {}

    /** Frees what it holds. */
    @Override
    default void close() {}
}
