package dev.engram.api.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import java.util.Map;
import java.util.Optional;

/** Gives back what a guard wrote. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface MemoryReader {

    /** Returns the text kept under a key. */
    Optional<String> text(String key);

    /**
     * Returns all tensors of a kind by the names under which they were written, bit for bit; empty
     * if there are none.
     *
     * @param manager the manager that will own them
     */
    Map<String, NDArray> tensors(String kind, NDManager manager);

    /** Returns the version of the state that was written, 1 or more; 1 for one that had none. */
    default int stateVersion() {
        return 1;
    }

    /** Returns the guard's own manager, see {@code TrainingView.manager()}. */
    NDManager manager();
}
