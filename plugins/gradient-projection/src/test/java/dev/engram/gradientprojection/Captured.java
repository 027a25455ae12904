package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a guard writes down, to be looked at. */
final class Captured implements MemoryWriter, AutoCloseable {

    final Map<String, NDArray> tensors = new LinkedHashMap<>();
    final Map<String, String> texts = new LinkedHashMap<>();
    private final NDManager manager = NDManager.newBaseManager();

    static Captured of(GradientProjection guard) {
        Captured captured = new Captured();
        guard.save(captured);
        return captured;
    }

    float[] covariance(String weight) {
        return tensors.get("covariance/" + weight).toFloatArray();
    }

    @Override
    public void text(String key, String value) {
        texts.put(key, value);
    }

    @Override
    public void tensor(String kind, String name, NDArray value) {
        tensors.put(kind + "/" + name, value);
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        manager.close();
    }
}
