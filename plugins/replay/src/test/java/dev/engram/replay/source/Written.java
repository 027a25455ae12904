package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A guard's memory, kept in the test. */
public final class Written implements MemoryWriter, MemoryReader, AutoCloseable {

    private final NDManager manager;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Map<String, NDArray>> tensors = new HashMap<>();

    /** Creates an empty memory. */
    public Written(NDManager owner) {
        this.manager = owner.newSubManager();
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
    public NDManager manager() {
        return manager;
    }

    @Override
    public Optional<String> text(String key) {
        return Optional.ofNullable(texts.get(key));
    }

    @Override
    public Map<String, NDArray> tensors(String kind, NDManager owner) {
        return tensors.getOrDefault(kind, Map.of());
    }

    @Override
    public void close() {
        manager.close();
    }
}
