package dev.engram.api.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;

/** Takes what a guard wants to outlive the process. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface MemoryWriter {

    /** Keeps a short text under a key. */
    void text(String key, String value);

    /**
     * Keeps a tensor, of a parameter or of anything else.
     *
     * @param kind what it is, such as {@code anchor}; must be 1 to 64 lower-case letters a-z,
     *     digits and hyphens, because it becomes part of a file name
     * @param name the parameter's path name, or any other; together they tell tensors of a kind
     *     apart, and one that is written twice is an error
     * @param value the tensor; it must stay open and unchanged until the guard's {@code save}
     *     returned and the memory is written: make copies in {@link #manager}
     */
    void tensor(String kind, String name, NDArray value);

    /** Returns a manager for arrays made only to be written; closed when they are. */
    NDManager manager();
}
