package dev.engram.onnx.internal.program;

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
 * @param replaced by the slot of a value: what takes its place, made of it
 */
record Pass(
        NDManager manager,
        boolean training,
        Map<Integer, UnaryOperator<NDArray>> added,
        Map<Integer, UnaryOperator<NDArray>> replaced) {

    static Pass of(Program program, Changes changes, NDManager manager, boolean training) {
        Map<Integer, UnaryOperator<NDArray>> added = new HashMap<>();
        changes.added().forEach((weight, change) -> added.put(program.slot(weight), change));
        Map<Integer, UnaryOperator<NDArray>> replaced = new HashMap<>();
        changes.replaced()
                .forEach((value, change) -> replaced.put(program.slotOfBatch(value), change));
        return new Pass(manager, training, added, replaced);
    }

    void run(Step step, @Nullable Value[] frame) {
        Program.run(step, frame, manager, training);
        UnaryOperator<NDArray> addition =
                step.inputs().length < 2 ? null : added.get(step.inputs()[1]);
        if (addition != null) {
            NDArray input = array(step, frame, step.inputs()[0]);
            NDArray product = array(step, frame, step.outputs()[0]);
            frame[step.outputs()[0]] = Value.ofBatch(product.add(addition.apply(input)));
        }
        if (!replaced.isEmpty()) {
            replace(step, frame);
        }
    }

    private void replace(Step step, @Nullable Value[] frame) {
        for (int slot : step.outputs()) {
            UnaryOperator<NDArray> change = replaced.get(slot);
            if (change != null) {
                frame[slot] = Value.ofBatch(change.apply(array(step, frame, slot)));
            }
        }
    }

    private NDArray array(Step step, @Nullable Value[] frame, int slot) {
        Value value = frame[slot];
        if (value == null) {
            throw new OnnxException(step.node() + " lacks a value");
        }
        return value.on(manager.getDevice());
    }
}
