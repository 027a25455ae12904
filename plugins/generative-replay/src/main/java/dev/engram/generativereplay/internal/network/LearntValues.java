package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.generativereplay.internal.statistics.Noise;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What layers have learnt: values by name. It owns them. */
public final class LearntValues implements AutoCloseable {

    private final Map<String, NDArray> values = new LinkedHashMap<>();
    private final NDManager manager;

    /** Creates none; they go with the owner. */
    public LearntValues(NDManager owner) {
        this.manager = owner.newSubManager();
        this.manager.setName("vae");
    }

    /** Returns the manager that owns them. */
    public NDManager manager() {
        return manager;
    }

    /** Returns a value, which must be there. */
    public NDArray get(String name) {
        NDArray value = values.get(name);
        if (value == null) {
            throw new IllegalStateException(
                    "No value %s among %s".formatted(name, values.keySet()));
        }
        return value;
    }

    /** Returns all of them by name. */
    public Map<String, NDArray> all() {
        return values;
    }

    /** Takes a copy of an array, in place of the one that has the name. */
    public void put(String name, NDArray array) {
        NDArray before = values.put(name, EngineMemory.copy(array, manager));
        if (before != null) {
            before.close();
        }
    }

    /** Puts normal numbers of a deviation. */
    public void draw(String name, Shape shape, double deviation, SplittableRandom random) {
        try (NDArray drawn = Noise.of(shape, deviation, random, manager)) {
            put(name, drawn);
        }
    }

    /** Says whether passes are recorded, so that gradients can be asked for. */
    public void train(boolean trains) {
        values.values().forEach(value -> value.setRequiresGradient(trains));
    }

    /** Returns copies, which go with the owner. */
    public LearntValues copy(NDManager owner) {
        LearntValues copy = new LearntValues(owner);
        values.forEach(copy::put);
        return copy;
    }

    /** Returns how many bytes they have. */
    public long bytes() {
        return values.values().stream()
                .mapToLong(value -> value.size() * value.getDataType().getNumOfBytes())
                .sum();
    }

    @Override
    public void close() {
        values.clear();
        manager.close();
    }
}
