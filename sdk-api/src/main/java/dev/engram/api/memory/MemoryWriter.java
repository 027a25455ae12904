package dev.engram.api.memory;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Stable;

/** Takes what a guard wants to outlive the process. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface MemoryWriter {

    /** Keeps a short text under a key. */
    void text(String key, String value);

    /**
     * Keeps a tensor of one parameter.
     *
     * @param kind what it is, such as {@code anchor}: letters, digits, hyphens
     * @param parameter the parameter's path name
     * @param value the tensor; read before the call returns
     */
    void tensor(String kind, String parameter, NDArray value);
}
