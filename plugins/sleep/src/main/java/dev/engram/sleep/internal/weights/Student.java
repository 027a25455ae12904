package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights that learn, beside the model's own: what {@link Passes} runs, and Adam moves (Kingma
 * and Ba 2015).
 *
 * <p>DJL's own Adam leaves its moments detached from every manager, where nothing frees them before
 * the garbage collector does, and where they cannot be written down; so this one has its own.
 */
public final class Student implements AutoCloseable {

    private static final double FIRST = 0.9;
    private static final double SECOND = 0.999;
    private static final double SMALL = 1e-8;

    private final Passes passes;
    private final double rate;
    private final NDManager manager;
    private final Map<String, NDArray> values = new LinkedHashMap<>();
    private final Map<String, NDArray> means = new LinkedHashMap<>();
    private final Map<String, NDArray> squares = new LinkedHashMap<>();
    private long steps;

    /**
     * Begins with values.
     *
     * @param owner owns all that is kept
     * @param rate the learning rate
     */
    public Student(Passes passes, Map<String, NDArray> begin, NDManager owner, double rate) {
        this.passes = passes;
        this.rate = rate;
        this.manager = owner.newSubManager();
        manager.setName("engram student");
        begin.forEach(this::begin);
    }

    private void begin(String name, NDArray from) {
        values.put(name, passes.isOpaque(name) ? lent(name, from) : own(from));
        means.put(name, zeros(from));
        squares.put(name, zeros(from));
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

    private NDArray zeros(NDArray like) {
        NDArray zeros = like.zerosLike();
        zeros.attach(manager);
        return zeros;
    }

    /** Returns what it predicts, recorded for autograd where a collector is open. */
    public NDList predict(NDList inputs) {
        return passes.run(values, inputs);
    }

    /** Goes one step down the gradients, and clears them. */
    public void step() {
        steps++;
        double first = 1 - Math.pow(FIRST, (double) steps);
        double second = 1 - Math.pow(SECOND, (double) steps);
        for (Map.Entry<String, NDArray> one : values.entrySet()) {
            try (NDManager call = manager.newSubManager()) {
                NDArray gradient = one.getValue().getGradient();
                gradient.attach(call);
                NDArray mean = handle(means, one.getKey(), call);
                NDArray square = handle(squares, one.getKey(), call);
                mean.muli(FIRST).addi(gradient.mul(1 - FIRST));
                square.muli(SECOND).addi(gradient.square().mul(1 - SECOND));
                NDArray length = square.div(second).sqrt().add(SMALL);
                NDArray value = one.getValue().stopGradient();
                value.attach(call);
                value.subi(mean.mul(rate / first).div(length));
                Cleared.zero(gradient);
            }
        }
    }

    private static NDArray handle(Map<String, NDArray> of, String name, NDManager call) {
        NDArray array = of.get(name);
        if (array == null) {
            throw new IllegalStateException("no moment of " + name);
        }
        NDArray handle = array.stopGradient();
        handle.attach(call);
        return handle;
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
