package dev.engram.onnx.internal.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Tensors;
import dev.engram.onnx.internal.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A graph as steps over numbered slots. */
public final class Program {

    private final List<Step> steps;
    private final Map<String, Integer> slots;
    private final int[] outputs;
    private final BitSet ofBatch;
    private Map<String, Tensor> initializers = Map.of();
    private int inputs;

    Program(List<Step> steps, Map<String, Integer> slots, int[] outputs) {
        this.steps = List.copyOf(steps);
        this.slots = slots;
        this.outputs = outputs;
        this.ofBatch = ofBatch(steps);
    }

    Program withInitializers(Map<String, Tensor> tensors, int inputCount) {
        initializers = tensors;
        inputs = inputCount;
        return this;
    }

    /** The same program without the steps whose values follow from the file. */
    Program withoutKnown() {
        List<Step> left =
                steps.stream().filter(step -> step.knowledge() != Knowledge.FILE).toList();
        return new Program(left, slots, outputs);
    }

    List<Step> steps() {
        return steps;
    }

    int slot(String name) {
        Integer slot = slots.get(name);
        if (slot == null) {
            throw new OnnxException("There is no value \"" + name + "\" in the graph");
        }
        return slot;
    }

    /** Returns the slot of a value that is computed from the batch. */
    int slotOfBatch(String name) {
        int slot = slot(name);
        if (!ofBatch.get(slot)) {
            throw new OnnxException("\"" + name + "\" is not computed from the batch");
        }
        return slot;
    }

    private static BitSet ofBatch(List<Step> steps) {
        BitSet slots = new BitSet();
        steps.stream()
                .filter(step -> step.knowledge() == Knowledge.BATCH)
                .flatMapToInt(step -> Arrays.stream(step.outputs()))
                .filter(slot -> slot >= 0)
                .forEach(slots::set);
        return slots;
    }

    @Nullable Value[] frame() {
        return new Value[slots.size()];
    }

    List<Value> outputs(@Nullable Value[] frame) {
        List<Value> values = new ArrayList<>();
        for (int output : outputs) {
            Value value = frame[output];
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** Runs a graph inside a node, over what it takes from around it. */
    public NDList runInside(
            List<Value> given, List<Value> captured, NDManager manager, boolean training) {
        @Nullable Value[] frame = frame();
        for (int i = 0; i < inputs; i++) {
            frame[i] = given.get(i);
        }
        for (int i = 0; i < captured.size(); i++) {
            frame[inputs + i] = captured.get(i);
        }
        initializers.forEach(
                (name, tensor) ->
                        frame[slot(name)] = Value.ofBatch(Tensors.array(tensor, manager)));
        for (Step step : steps) {
            run(step, frame, manager, training);
        }
        NDList results = new NDList();
        outputs(frame).forEach(value -> results.add(value.on(manager.getDevice())));
        return results;
    }

    /** Runs one step of a batch. */
    static void run(Step step, @Nullable Value[] frame, NDManager manager, boolean training) {
        NDList results = results(step, frame, manager, training);
        for (int i = 0; i < Math.min(results.size(), step.outputs().length); i++) {
            if (step.outputs()[i] >= 0) {
                frame[step.outputs()[i]] = Value.ofBatch(results.get(i));
            }
        }
    }

    /** Runs a step whose values are known before the batch; the manager keeps its results. */
    static void know(Step step, @Nullable Value[] frame, NDManager keeper) {
        try (NDScope scope = new NDScope()) {
            Bounds.requireModest(step, inputs(step, frame));
            NDList results = results(step, frame, keeper, false);
            for (int i = 0; i < Math.min(results.size(), step.outputs().length); i++) {
                if (step.outputs()[i] >= 0) {
                    frame[step.outputs()[i]] = kept(results.get(i), step, frame, keeper);
                }
            }
            scope.suppressNotUsedWarning();
        }
    }

    private static Value kept(
            NDArray result, Step step, @Nullable Value[] frame, NDManager keeper) {
        for (int input : step.inputs()) {
            Value value = input < 0 ? null : frame[input];
            if (value != null && value.array() == result) {
                return value;
            }
        }
        NDScope.unregister(result);
        result.attach(keeper);
        return Value.known(result);
    }

    private static NDList results(
            Step step, @Nullable Value[] frame, NDManager manager, boolean training) {
        @Nullable Value[] inputs = inputs(step, frame);
        try {
            return step.operator().run(new Call(step, inputs, manager, training));
        } catch (OnnxException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new OnnxException(step.node() + " failed: " + e.getMessage() + shapes(inputs), e);
        }
    }

    private static @Nullable Value[] inputs(Step step, @Nullable Value[] frame) {
        @Nullable Value[] inputs = new Value[step.inputs().length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = step.inputs()[i] < 0 ? null : frame[step.inputs()[i]];
        }
        return inputs;
    }

    private static String shapes(@Nullable Value[] inputs) {
        StringBuilder seen = new StringBuilder("; its inputs are");
        for (Value input : inputs) {
            seen.append(' ');
            seen.append(
                    input == null
                            ? "none"
                            : input.array().getShape() + ":" + input.array().getDataType());
        }
        return seen.toString();
    }
}
