package dev.engram.onnx.internal.operator.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import java.util.Arrays;

/** How a kernel moves over the spatial axes of an array: steps, gaps, and what lies around it. */
final class Window {

    private final long[] kernel;
    private final long[] strides;
    private final long[] dilations;
    private final long[] before;
    private final long[] after;
    private final long[] size;

    private Window(Attributes told, long[] kernel, Shape input) {
        int axes = kernel.length;
        this.kernel = kernel;
        strides = told.integers("strides").orElseGet(() -> filled(axes, 1));
        dilations = told.integers("dilations").orElseGet(() -> filled(axes, 1));
        size = Arrays.copyOfRange(input.getShape(), 2, 2 + axes);
        long[] pads = told.integers("pads").orElseGet(() -> filled(2 * axes, 0));
        before = Arrays.copyOf(pads, axes);
        after = Arrays.copyOfRange(pads, axes, 2 * axes);
        String auto = told.text("auto_pad", "NOTSET");
        if (auto.startsWith("SAME")) {
            padToSame(auto.endsWith("UPPER"));
        } else if (auto.equals("VALID")) {
            Arrays.fill(before, 0);
            Arrays.fill(after, 0);
        }
    }

    static Window of(Call call, long... kernel) {
        return new Window(call.attributes(), kernel, call.shape(0));
    }

    private static long[] filled(int length, long value) {
        long[] values = new long[length];
        Arrays.fill(values, value);
        return values;
    }

    private void padToSame(boolean upper) {
        for (int i = 0; i < kernel.length; i++) {
            long count = (size[i] + strides[i] - 1) / strides[i];
            long total = Math.max(0, (count - 1) * strides[i] + reach(i) - size[i]);
            before[i] = upper ? total / 2 : total - total / 2;
            after[i] = total - before[i];
        }
    }

    /** How many places the kernel spans, gaps included. */
    long reach(int axis) {
        return (kernel[axis] - 1) * dilations[axis] + 1;
    }

    int axes() {
        return kernel.length;
    }

    long kernel(int axis) {
        return kernel[axis];
    }

    long stride(int axis) {
        return strides[axis];
    }

    long dilation(int axis) {
        return dilations[axis];
    }

    long before(int axis) {
        return before[axis];
    }

    long after(int axis) {
        return after[axis];
    }

    Shape kernel() {
        return new Shape(kernel);
    }

    Shape strides() {
        return new Shape(strides);
    }

    Shape dilations() {
        return new Shape(dilations);
    }

    boolean isDilated() {
        return Arrays.stream(dilations).anyMatch(d -> d != 1);
    }

    /** Returns whether both ends of each axis are padded alike, which the engine does itself. */
    boolean isEven() {
        return Arrays.equals(before, after) && Arrays.stream(before).allMatch(p -> p >= 0);
    }

    Shape pads() {
        return isEven() ? new Shape(before) : new Shape(filled(before.length, 0));
    }

    long size(int axis) {
        return size[axis];
    }

    /** How many places the kernel takes; a last one that starts beyond the input does not count. */
    long count(int axis, boolean ceil) {
        long room = size[axis] + before[axis] + after[axis] - reach(axis);
        long count =
                (ceil ? -Math.floorDiv(-room, strides[axis]) : Math.floorDiv(room, strides[axis]))
                        + 1;
        boolean beyond = ceil && (count - 1) * strides[axis] >= size[axis] + before[axis];
        return beyond ? count - 1 : count;
    }

    /** Surrounds the array so that every place of the kernel lies inside. */
    NDArray surround(NDArray x, NDArray fill, boolean ceil) {
        NDArray result = x;
        for (int i = 0; i < kernel.length; i++) {
            long needed = (count(i, ceil) - 1) * strides[i] + reach(i);
            result = Slicing.filled(result, i + 2, before[i], needed - size[i] - before[i], fill);
        }
        return result;
    }
}
