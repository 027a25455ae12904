package dev.engram.onnx.internal.operator.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Convolutions, and their transposes. */
public final class Convolutions {

    private Convolutions() {}

    public static void register(OperatorTable table) {
        table.single("Conv", 1, Convolutions::convolve);
        table.single("ConvTranspose", 1, Convolutions::transposed);
    }

    private static NDArray convolve(Call call) {
        NDArray x = call.array(0);
        NDArray weight = call.array(1);
        long[] kernel = spatial(weight.getShape());
        Window window = Window.of(call, kernel);
        NDArray padded = window.isEven() ? x : window.surround(x, Native.number(0, x), false);
        int groups = (int) call.attributes().integer("group", 1);
        NDArray bias = call.optional(2).orElse(null);
        return run(
                padded, weight, bias, window.strides(), window.pads(), window.dilations(), groups);
    }

    @SuppressWarnings("NullAway") // DJL hands a missing bias on to the engine.
    static NDArray run(
            NDArray x,
            NDArray weight,
            @org.jspecify.annotations.Nullable NDArray bias,
            Shape strides,
            Shape pads,
            Shape dilations,
            int groups) {
        return x.getNDArrayInternal()
                .convolution(x, weight, bias, strides, pads, dilations, groups)
                .singletonOrThrow();
    }

    private static long[] spatial(Shape weight) {
        return Arrays.copyOfRange(weight.getShape(), 2, weight.dimension());
    }

    /** A plain convolution of the spread-out input with the mirrored kernel. */
    private static NDArray transposed(Call call) {
        NDArray x = call.array(0);
        NDArray weight = call.array(1);
        int groups = (int) call.attributes().integer("group", 1);
        Window window = Window.of(call, spatial(weight.getShape()));
        long[] ones = new long[window.axes()];
        Arrays.fill(ones, 1);
        return run(
                surrounded(x, window, transposedPads(call, window)),
                mirrored(weight, groups),
                call.optional(2).orElse(null),
                new Shape(ones),
                new Shape(new long[window.axes()]),
                window.dilations(),
                groups);
    }

    /** Spreads the values out, with as many zeros around them as the full result needs. */
    private static NDArray surrounded(NDArray x, Window window, long[]... pads) {
        NDArray spread = x;
        for (int i = 0; i < window.axes(); i++) {
            spread = spread(spread, i + 2, window.stride(i));
        }
        for (int i = 0; i < window.axes(); i++) {
            long reach = window.reach(i) - 1;
            NDArray zero = Native.number(0, x);
            spread = Slicing.filled(spread, i + 2, reach - pads[0][i], reach - pads[1][i], zero);
        }
        return spread;
    }

    /** Puts zeros between the values of an axis. */
    private static NDArray spread(NDArray x, int axis, long stride) {
        if (stride == 1) {
            return x;
        }
        long size = x.getShape().get(axis);
        NDArray apart = x.expandDims(axis + 1);
        NDArray wide = Slicing.filled(apart, axis + 1, 0, stride - 1, Native.number(0, x));
        NDArray joined = wide.reshape(Axes.with(x.getShape(), axis, size * stride));
        return Slicing.range(joined, axis, 0, (size - 1) * stride + 1);
    }

    private static NDArray mirrored(NDArray weight, int groups) {
        long[] dims = weight.getShape().getShape();
        int[] spatial = IntStream.range(2, dims.length).toArray();
        long inputs = dims[0] / groups;
        long[] kernel = Arrays.copyOfRange(dims, 2, dims.length);
        NDArray grouped =
                weight.flip(spatial)
                        .reshape(Gathering.joined(new long[] {groups, inputs, dims[1]}, kernel));
        int[] order = IntStream.range(0, dims.length + 1).toArray();
        order[1] = 2;
        order[2] = 1;
        return grouped.transpose(order)
                .reshape(Gathering.joined(new long[] {groups * dims[1], inputs}, kernel));
    }

    /** What is cut off the full result at both ends; less than nothing at the end adds. */
    private static long[][] transposedPads(Call call, Window window) {
        int axes = window.axes();
        long[] more = call.attributes().integers("output_padding").orElseGet(() -> new long[axes]);
        long[] wanted = call.attributes().integers("output_shape").orElseGet(() -> new long[0]);
        String auto = call.attributes().text("auto_pad", "NOTSET");
        long[][] pads = new long[2][axes];
        for (int i = 0; i < axes; i++) {
            long full = window.stride(i) * (window.size(i) - 1) + more[i] + window.reach(i);
            long size =
                    wanted.length > 0
                            ? wanted[wanted.length - axes + i]
                            : window.size(i) * window.stride(i);
            boolean told = wanted.length > 0 || auto.startsWith("SAME");
            long total = Math.max(0, full - size);
            long half = auto.equals("SAME_LOWER") ? total - total / 2 : total / 2;
            pads[0][i] = told ? half : window.before(i);
            pads[1][i] = (told ? full - size - half : window.after(i)) - more[i];
        }
        return pads;
    }
}
