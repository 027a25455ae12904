package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.AdamSteps;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;

/** The weights that learn, beside the model's own: what {@link Passes} runs, and Adam moves. */
public final class Student implements AutoCloseable {

    private final Passes passes;
    private final NDManager manager;
    private double rate;
    private NDManager moments;
    private AdamSteps adam;
    private final Map<String, NDArray> values = new LinkedHashMap<>();

    /**
     * Begins with values.
     *
     * @param owner owns all that is kept
     * @param rate the learning rate
     */
    public Student(Passes passes, Map<String, NDArray> begin, NDManager owner, double rate) {
        this.passes = passes;
        this.manager = owner.newSubManager();
        manager.setName("engram student");
        this.rate = rate;
        this.moments = manager.newSubManager();
        this.adam = new AdamSteps(rate, moments);
        begin.forEach(this::begin);
    }

    private void begin(String name, NDArray from) {
        values.put(name, passes.isOpaque(name) ? lent(name, from) : own(from));
    }

    /** TorchScript runs its own arrays alone: they are the student's as long as there is one. */
    private NDArray lent(String name, NDArray from) {
        NDArray array = passes.array(name);
        ModelWeights.write(from, array);
        clear(array);
        return array;
    }

    private NDArray own(NDArray from) {
        NDArray array = EngineMemory.copy(from, manager);
        array.setRequiresGradient(true);
        return array;
    }

    /** Returns what it predicts, recorded for autograd where a collector is open. */
    public NDList predict(NDList inputs) {
        return passes.run(values, inputs);
    }

    /** Goes one step down the gradients, and clears them. */
    public void step() {
        adam.step(values);
    }

    /**
     * Goes shorter steps from here on.
     *
     * @param share of the length that they had
     */
    public void slow(double share) {
        moments.close();
        rate *= share;
        moments = manager.newSubManager();
        adam = new AdamSteps(rate, moments);
    }

    /** Copies what it has learnt so far. */
    public Map<String, NDArray> copy(NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, EngineMemory.copy(value, owner)));
        return copies;
    }

    /** Frees all that is its own, and leaves no gradient behind. */
    @Override
    public void close() {
        values.forEach(
                (name, array) -> {
                    if (passes.isOpaque(name)) {
                        clear(array);
                    }
                });
        manager.close();
    }

    private static void clear(NDArray array) {
        if (array.hasGradient()) {
            try (NDArray gradient = array.getGradient()) {
                Cleared.zero(gradient);
            }
        }
    }
}
