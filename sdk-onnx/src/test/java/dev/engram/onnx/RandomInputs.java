package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.GraphValue;
import java.util.List;
import java.util.Random;

/** Inputs that fit a file: token numbers below 50, masks of ones, values around zero. */
final class RandomInputs {

    private final Random random;

    RandomInputs(long seed) {
        random = new Random(seed);
    }

    NDList of(List<GraphValue> inputs, NDManager manager) {
        NDList arrays = new NDList();
        for (GraphValue input : inputs) {
            long[] dims = input.dims().orElseThrow();
            for (int i = 0; i < dims.length; i++) {
                dims[i] = dims[i] > 0 ? dims[i] : i == 0 ? 2 : 6;
            }
            arrays.add(array(input, new Shape(dims), manager));
        }
        return arrays;
    }

    private NDArray array(GraphValue input, Shape shape, NDManager manager) {
        int size = (int) shape.size();
        if (input.type().orElseThrow() == ElementType.INT64) {
            boolean ones = input.name().contains("mask");
            boolean zeros = input.name().contains("type");
            long[] values = random.longs(size, 0, 50).map(v -> ones ? 1 : zeros ? 0 : v).toArray();
            return manager.create(values, shape);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }
}
