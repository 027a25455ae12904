package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Inputs that nobody gave, with what a base answered to them. */
final class Dreams implements AutoCloseable {

    private static final String INPUT = "dream-input";
    private static final String OUTPUT = "dream-output";
    private static final String NUMBER = "value-";
    private static final int USUAL = 10;
    private static final double MOST = 0.5;
    private static final double OF_SPREAD = 3;

    private final NDManager manager;
    private final NDArray inputs;
    private final NDList outputs;
    private final double[] variances;

    /**
     * Keeps them; waits for the device.
     *
     * @param manager owns the arrays; closed with this
     */
    private Dreams(NDArray inputs, NDList outputs, NDManager manager) {
        this.manager = manager;
        this.inputs = inputs;
        this.outputs = outputs;
        this.variances =
                outputs.stream()
                        .mapToDouble(o -> o.getDataType().isFloating() ? variance(o) : 0)
                        .toArray();
    }

    /** Keeps copies of parts, one after the other. */
    static Dreams of(NDList inputs, List<NDList> outputs, NDManager owner) {
        NDManager manager = owner.newSubManager();
        manager.setName("dreams of the base");
        NDArray all = joined(inputs, manager);
        NDList answers = new NDList();
        for (int i = 0; i < outputs.get(0).size(); i++) {
            NDList parts = new NDList();
            for (NDList part : outputs) {
                parts.add(part.get(i));
            }
            answers.add(joined(parts, manager));
        }
        return new Dreams(all, answers, manager);
    }

    /** Reads them back; empty if there were none. */
    static Optional<Dreams> read(MemoryReader memory) {
        NDManager manager = memory.manager().newSubManager();
        manager.setName("dreams of the base");
        Map<String, NDArray> inputs = memory.tensors(INPUT, manager);
        Map<String, NDArray> outputs = memory.tensors(OUTPUT, manager);
        if (inputs.isEmpty()) {
            manager.close();
            return Optional.empty();
        }
        NDList answers = new NDList();
        for (int i = 0; i < outputs.size(); i++) {
            answers.add(kept(outputs, i, manager));
        }
        NDArray all = kept(inputs, 0, manager);
        return Optional.of(new Dreams(all, answers, manager));
    }

    /** The engine's memory: what was read lies in Java's, which autograd must not look at. */
    private static NDArray kept(Map<String, NDArray> read, int number, NDManager manager) {
        NDArray found = read.get(NUMBER + number);
        if (found == null) {
            throw new EngramException(
                    "The memory of the base lacks \"%s%s\": it was not written by Engram. Use the generation before it, or another directory."
                            .formatted(NUMBER, number));
        }
        return EngineMemory.copy(found, manager);
    }

    void write(MemoryWriter memory) {
        memory.tensor(INPUT, NUMBER + 0, inputs);
        for (int i = 0; i < outputs.size(); i++) {
            memory.tensor(OUTPUT, NUMBER + i, outputs.get(i));
        }
    }

    private static NDArray joined(NDList parts, NDManager manager) {
        NDArray all = NDArrays.concat(parts);
        all.attach(manager);
        return all;
    }

    private static double variance(NDArray output) {
        try (NDManager call = output.getManager().newSubManager()) {
            NDArray wide = output.toType(DataType.FLOAT64, true);
            wide.attach(call);
            NDArray mean = wide.mean();
            mean.attach(call);
            NDArray away = wide.sub(mean);
            away.attach(call);
            NDArray square = away.square();
            square.attach(call);
            NDArray variance = square.mean();
            variance.attach(call);
            return variance.getDouble();
        }
    }

    int count() {
        return Math.toIntExact(inputs.getShape().get(0));
    }

    /** Returns the rows of a part as the model takes them, owned by {@code owner}. */
    NDArray inputs(int from, int to, NDManager owner) {
        return part(inputs, from, to, owner);
    }

    /**
     * Returns {@code w |f(x) - z|²}, summed over the outputs, the mean of the samples, with {@code
     * w = min(0.5, 3 / var(z))}; of outputs of other than two dimensions ten times the mean. Inside
     * an open collector.
     *
     * @param now what the model answers to the rows; it may have got outputs since, which are free
     */
    NDArray distance(NDList now, int from, int to, NDManager owner) {
        List<NDArray> terms = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            if (variances[i] > 0) {
                NDArray then = part(outputs.get(i), from, to, owner);
                NDArray difference = comparable(now.get(i), then).sub(then);
                terms.add(Scaled.by(weight(i, then), difference.square().mean()));
            }
        }
        return terms.stream().reduce(NDArray::add).orElseThrow();
    }

    private double weight(int output, NDArray then) {
        double width = then.getShape().dimension() == 2 ? then.getShape().get(1) : USUAL;
        return width * Math.min(MOST, OF_SPREAD / variances[output]);
    }

    /**
     * Returns whether the model's answers have nothing in common with those of the base: they are
     * of another shape, or farther from them than their mean is. Waits for the device.
     *
     * @param now what the model answers to the first rows
     */
    boolean areForeign(NDList now, int rows, NDManager owner) {
        for (int i = 0; i < outputs.size(); i++) {
            if (variances[i] > 0) {
                NDArray then = part(outputs.get(i), 0, rows, owner);
                if (i >= now.size() || !isComparable(now.get(i).getShape(), then.getShape())) {
                    return true;
                }
                NDArray away = comparable(now.get(i), then).sub(then).square().mean();
                if (away.toType(DataType.FLOAT32, false).getFloat() > variances[i]) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isComparable(Shape now, Shape then) {
        int last = then.dimension() - 1;
        return now.dimension() == then.dimension()
                && now.slice(0, last).equals(then.slice(0, last))
                && now.get(last) >= then.get(last);
    }

    /** Returns whether any output is not the same for all of them. */
    boolean tellAnything() {
        for (double variance : variances) {
            if (variance > 0) {
                return true;
            }
        }
        return false;
    }

    private static NDArray comparable(NDArray now, NDArray then) {
        if (now.getShape().equals(then.getShape())) {
            return now;
        }
        return now.get("...,0:" + then.getShape().get(then.getShape().dimension() - 1));
    }

    private static NDArray part(NDArray all, int from, int to, NDManager owner) {
        NDArray rows = all.get(from + ":" + to);
        rows.attach(owner);
        return rows;
    }

    @Override
    public void close() {
        manager.close();
    }
}
