package dev.engram.onnx.internal.operator.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.program.Bounds;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Arrays made larger or smaller. Each axis is interpolated by a matrix that the host works out, so
 * every mode has its gradient; DJL's own interpolation ignores {@code alignCorners}.
 */
public final class Resize {

    private Resize() {}

    public static void register(OperatorTable table) {
        table.single("Upsample", 7, Resize::upsample).shapedBy(1);
        table.single("Resize", 10, Resize::upsample).shapedBy(1);
        table.single("Resize", 11, Resize::resize).shapedBy(1, 2, 3);
    }

    /** Up to operator set 10 there are only scales, counted from the first value. */
    private static NDArray upsample(Call call) {
        double[] scales = call.has(1) ? call.doubles(1) : told(call);
        NDArray x = call.array(0);
        for (int axis = 0; axis < scales.length; axis++) {
            x = along(x, axis, floored(call, x.getShape().get(axis), scales[axis]), call);
        }
        return x;
    }

    private static Sampling floored(Call call, long from, double scale) {
        long to = (long) Math.floor(from * scale);
        return new Sampling(call.attributes(), "asymmetric", "floor", from, to, scale, 0, 1);
    }

    private static double[] told(Call call) {
        float[] scales =
                call.attributes()
                        .numbers("scales")
                        .orElseThrow(() -> new OnnxException(call.node() + " has no scales"));
        return IntStream.range(0, scales.length).mapToDouble(i -> scales[i]).toArray();
    }

    private static NDArray resize(Call call) {
        NDArray x = call.array(0);
        int rank = x.getShape().dimension();
        int[] axes = axes(call, rank);
        Extent extent = Extent.of(call, axes);
        double @Nullable [] roi = call.has(1) && call.shape(1).size() > 0 ? call.doubles(1) : null;
        for (int i = 0; i < axes.length; i++) {
            double[] part = {roi == null ? 0 : roi[i], roi == null ? 1 : roi[i + axes.length]};
            x = along(x, axes[i], sampling(call, x.getShape().get(axes[i]), extent, i, part), call);
        }
        return x;
    }

    private static int[] axes(Call call, int rank) {
        return call.attributes()
                .integers("axes")
                .map(told -> Arrays.stream(told).mapToInt(a -> call.axis(a, rank)).toArray())
                .orElseGet(() -> Axes.all(rank));
    }

    private static Sampling sampling(
            Call call, long size, Extent extent, int axis, double... part) {
        return new Sampling(
                call.attributes(),
                call.attributes().text("coordinate_transformation_mode", "half_pixel"),
                call.attributes().text("nearest_mode", "round_prefer_floor"),
                size,
                extent.sizes[axis],
                extent.scales[axis],
                part[0],
                part[1]);
    }

    private static NDArray along(NDArray x, int axis, Sampling sampling, Call call) {
        if (sampling.isSame()) {
            return x;
        }
        Bounds.modest(call, Math.max(1, x.size() / Math.max(1, sampling.from())), sampling.to());
        Attributes told = call.attributes();
        String mode = told.text("mode", "nearest");
        NDArray result =
                mode.equals("nearest")
                        ? Gathering.take(x, axis, sampling.nearest())
                        : mixed(x, axis, sampling, mode.equals("cubic"));
        return marked(result, axis, sampling.outside(), told);
    }

    /** Puts the value for what lies outside where the places do. */
    private static NDArray marked(NDArray result, int axis, boolean[] outside, Attributes told) {
        if (IntStream.range(0, outside.length).noneMatch(i -> outside[i])) {
            return result;
        }
        double[] flags = new double[outside.length];
        Arrays.setAll(flags, i -> outside[i] ? 1 : 0);
        NDArray flag = Native.numbers(result, new Shape(flags.length), flags);
        NDArray there = Axes.along(flag, axis, result.getShape().dimension());
        NDArray value = Native.number(told.number("extrapolation_value", 0), result);
        return Axes.where(there.gt(Native.number(0, result)), value, result);
    }

    private static NDArray mixed(NDArray x, int axis, Sampling sampling, boolean cubic) {
        int last = x.getShape().dimension() - 1;
        double[] weights = sampling.weights(cubic);
        NDArray matrix = Native.numbers(x, new Shape(sampling.from(), sampling.to()), weights);
        return Axes.move(Axes.move(x, axis, last).matMul(matrix), last, axis);
    }

    /** The sizes that are asked for, and by how much each axis is stretched to reach them. */
    private static final class Extent {

        private final long[] sizes;
        private final double[] scales;

        Extent(long[] sizes, double[] scales) {
            this.sizes = sizes;
            this.scales = scales;
        }

        static Extent of(Call call, int... axes) {
            Shape shape = call.shape(0);
            long[] sizes = new long[axes.length];
            double[] scales = new double[axes.length];
            if (call.has(2) && call.shape(2).size() > 0) {
                System.arraycopy(call.doubles(2), 0, scales, 0, axes.length);
                Arrays.setAll(sizes, i -> (long) Math.floor(shape.get(axes[i]) * scales[i]));
                return new Extent(sizes, scales);
            }
            System.arraycopy(call.longs(3), 0, sizes, 0, axes.length);
            Arrays.setAll(scales, i -> (double) sizes[i] / shape.get(axes[i]));
            String policy = call.attributes().text("keep_aspect_ratio_policy", "stretch");
            return policy.equals("stretch")
                    ? new Extent(sizes, scales)
                    : proportional(policy, scales, shape, axes);
        }

        private static Extent proportional(
                String policy, double[] scales, Shape shape, int... axes) {
            double scale =
                    policy.equals("not_larger")
                            ? Arrays.stream(scales).min().orElse(1)
                            : Arrays.stream(scales).max().orElse(1);
            long[] sizes = new long[axes.length];
            Arrays.fill(scales, scale);
            Arrays.setAll(sizes, i -> (long) Math.floor(scale * shape.get(axes[i]) + 0.5));
            return new Extent(sizes, scales);
        }
    }
}
