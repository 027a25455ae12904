package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.onnx.graph.OnnxException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way through a graph.
 *
 * @param added by the slot of a weight: what is added to a product by it, made of what is
 *     multiplied
 */
record Pass(
        NDManager manager, boolean training, Map<Integer, ? extends UnaryOperator<NDArray>> added) {

    static Pass of(
            Program program,
            NDManager manager,
            boolean training,
            Map<String, ? extends UnaryOperator<NDArray>> added) {
        Map<Integer, UnaryOperator<NDArray>> bySlot = new HashMap<>();
        added.forEach((weight, addition) -> bySlot.put(program.slot(weight), addition));
        return new Pass(manager, training, bySlot);
    }

    void run(Step step, @Nullable Value[] frame) {
        Program.run(step, frame, manager, training);
        UnaryOperator<NDArray> addition =
                step.inputs().length < 2 ? null : added.get(step.inputs()[1]);
        if (addition != null) {
            Value input = value(step, frame, step.inputs()[0]);
            NDArray product = value(step, frame, step.outputs()[0]).array();
            NDArray sum = product.add(addition.apply(input.on(manager.getDevice())));
            frame[step.outputs()[0]] = Value.ofBatch(sum);
        }
    }

    private static Value value(Step step, @Nullable Value[] frame, int slot) {
        Value value = frame[slot];
        if (value == null) {
            throw new OnnxException(step.node() + " lacks a value");
        }
        return value;
    }
}
