package dev.engram.onnx.internal.compose;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.program.Changes;
import dev.engram.onnx.internal.structure.SequenceInput;
import dev.engram.onnx.internal.training.InputCheck;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Runs a graph on made-up sequences before anybody trains, to see what it makes of their length.
 *
 * @param roles what each input holds, by its name
 */
record SequenceProbe(TrainedGraph model, GraphValue tokens, Map<String, SequenceInput> roles) {

    /** Returns a manager where the graph's parameters are; the caller closes it. */
    NDManager manager() {
        Device device =
                model.parameters().values().stream()
                        .filter(Parameter::isInitialized)
                        .findFirst()
                        .map(parameter -> parameter.getArray().getDevice())
                        .orElse(Device.cpu());
        return RequiredEngine.get("PyTorch").newBaseManager(device);
    }

    /**
     * Returns the shapes of all inputs and outputs, and of values that are computed from a batch,
     * by their names.
     *
     * @throws OnnxException if the graph cannot run on sequences of this length
     */
    Map<String, Shape> shapes(long length, Set<String> values) {
        Map<String, Shape> shapes = new HashMap<>();
        Map<String, UnaryOperator<NDArray>> seen = new HashMap<>();
        values.forEach(value -> seen.put(value, array -> noted(value, array, shapes)));
        try (NDManager own = manager()) {
            NDList inputs = inputs(length, 1, own);
            for (int i = 0; i < inputs.size(); i++) {
                shapes.put(model.inputs().get(i).name(), inputs.get(i).getShape());
            }
            NDList outputs =
                    model.run(
                            new ParameterStore(own, false),
                            inputs,
                            false,
                            Changes.of(Map.of(), seen));
            for (int i = 0; i < outputs.size(); i++) {
                shapes.put(model.outputs().get(i).name(), outputs.get(i).getShape());
            }
            return shapes;
        } catch (OnnxException e) {
            throw new OnnxException(
                    "%s could not be run on %d positions to see which axes they come out on: %s; without that a prompt has no place, use LoRA or adapters"
                            .formatted(model.file(), length, e.getMessage()),
                    e);
        }
    }

    private static NDArray noted(String value, NDArray array, Map<String, Shape> shapes) {
        shapes.put(value, array.getShape());
        return array;
    }

    /**
     * Returns sequences of that length.
     *
     * @param mask what all masks hold
     */
    NDList inputs(long length, long mask, NDManager own) {
        NDList inputs = new NDList();
        for (GraphValue input : model.inputs()) {
            SequenceInput role = roles.getOrDefault(input.name(), SequenceInput.OTHER);
            long[] dims = input.dims().orElse(new long[] {-1, length});
            dims[0] = dims.length > 0 && dims[0] < 0 ? rows(length) : dims[0];
            inputs.add(
                    role == SequenceInput.OTHER
                            ? own.zeros(new Shape(dims), InputCheck.type(input))
                            : sequences(role, dims[0], length, mask, own)
                                    .toType(InputCheck.type(input), false));
        }
        return inputs;
    }

    /** As many as are not mistaken for a length. */
    private static long rows(long length) {
        return length == 2 ? 3 : 2;
    }

    private static NDArray sequences(
            SequenceInput role, long rows, long length, long mask, NDManager own) {
        long[] values = new long[Math.toIntExact(rows * length)];
        for (int i = 0; i < values.length; i++) {
            long place = i % length;
            values[i] =
                    switch (role) {
                        case TOKENS -> place % 2;
                        case MASK -> mask;
                        case POSITIONS -> place;
                        case TYPES, OTHER -> 0;
                    };
        }
        return own.create(values, new Shape(rows, length));
    }
}
