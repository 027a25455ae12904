package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A memory that one object writes and another reads, without files: what is written is copied, and
 * what is read is a copy again.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class KeptMemory implements MemoryWriter, MemoryReader {

    private final NDManager manager;
    private final int stateVersion;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Map<String, NDArray>> tensors = new HashMap<>();

    /** Creates an empty one, whose copies {@code manager} owns. */
    public KeptMemory(NDManager manager) {
        this(manager, 1);
    }

    /**
     * Creates an empty one that says of what it is given that a version of the state wrote it: for
     * a test that the state of an earlier version of a plug-in is still read.
     */
    public KeptMemory(NDManager manager, int stateVersion) {
        this.manager = manager;
        this.stateVersion = stateVersion;
    }

    @Override
    public int stateVersion() {
        return stateVersion;
    }

    @Override
    public void text(String key, String value) {
        texts.put(key, value);
    }

    @Override
    public void tensor(String kind, String parameter, NDArray value) {
        NDArray copy = value.duplicate();
        copy.attach(manager);
        tensors.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(parameter, copy);
    }

    @Override
    public Optional<String> text(String key) {
        return Optional.ofNullable(texts.get(key));
    }

    @Override
    public Map<String, NDArray> tensors(String kind, NDManager owner) {
        Map<String, NDArray> read = new LinkedHashMap<>();
        tensors.getOrDefault(kind, Map.of())
                .forEach(
                        (name, value) -> {
                            NDArray copy = value.duplicate();
                            copy.attach(owner);
                            read.put(name, copy);
                        });
        return read;
    }

    @Override
    public NDManager manager() {
        return manager;
    }
}
