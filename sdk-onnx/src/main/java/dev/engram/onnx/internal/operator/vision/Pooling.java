package dev.engram.onnx.internal.operator.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.operator.normalization.Reductions;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.operator.shape.Generators;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The largest, or the mean, of what lies under a moving window. */
public final class Pooling {

    private Pooling() {}

    public static void register(OperatorTable table) {
        table.add("MaxPool", 1, Pooling::max);
        table.single("AveragePool", 1, Pooling::average);
        table.single("GlobalAveragePool", 1, call -> Reductions.mean(call.array(0), spatial(call)));
        table.single("GlobalMaxPool", 1, call -> Reductions.max(call.array(0), spatial(call)));
    }

    private static int[] spatial(Call call) {
        return IntStream.range(2, call.shape(0).dimension()).toArray();
    }

    private static Window window(Call call) {
        return Window.of(call, call.attributes().integers("kernel_shape").orElseThrow());
    }

    private static boolean ceil(Call call) {
        return call.attributes().integer("ceil_mode", 0) != 0;
    }

    private static NDList max(Call call) {
        NDArray x = call.array(0);
        Window window = window(call);
        boolean plain = x.getDataType().isFloating() && !window.isDilated() && !call.wants(1);
        if (!plain) {
            return composed(call, window);
        }
        NDArray low = Native.number(Double.NEGATIVE_INFINITY, x);
        NDArray padded = window.surround(x, low, ceil(call));
        Shape none = new Shape(new long[window.axes()]);
        NDArray pooled =
                padded.getNDArrayInternal().maxPool(window.kernel(), window.strides(), none, false);
        return new NDList(pooled);
    }

    /** Compares the windows place by place; knows where each largest value lay. */
    private static NDList composed(Call call, Window window) {
        NDArray x = call.array(0);
        NDArray low = Native.number(Reductions.lowest(x.getDataType()), x);
        NDArray places = places(x, call.attributes().integer("storage_order", 0) != 0);
        NDArray none = Native.number(-1, places);
        NDArray values = views(window.surround(x, low, ceil(call)), window, ceil(call));
        NDArray origins = views(window.surround(places, none, ceil(call)), window, ceil(call));
        NDArray best = values.stopGradient().argMax(0).expandDims(0);
        NDArray pooled = values.gather(best, 0).squeeze(0);
        return new NDList(pooled, origins.gather(best, 0).squeeze(0));
    }

    private static NDArray places(NDArray x, boolean columnsFirst) {
        NDArray count = Generators.count(x.getManager(), x.size());
        long[] dims = x.getShape().getShape();
        if (!columnsFirst) {
            return count.reshape(x.getShape());
        }
        long[] turned = dims.clone();
        turned[2] = dims[3];
        turned[3] = dims[2];
        return count.reshape(new Shape(turned)).swapAxes(2, 3);
    }

    private static NDArray views(NDArray x, Window window, boolean ceil) {
        NDList views = new NDList(x);
        for (int i = 0; i < window.axes(); i++) {
            NDList next = new NDList();
            for (NDArray view : views) {
                for (long k = 0; k < window.kernel(i); k++) {
                    long from = k * window.dilation(i);
                    long count = window.count(i, ceil);
                    next.add(Slicing.strided(view, i + 2, from, count, window.stride(i)));
                }
            }
            views = next;
        }
        return NDArrays.stack(views, 0);
    }

    /** Sums by a convolution with ones; DJL's own pooling ignores {@code count_include_pad}. */
    private static NDArray average(Call call) {
        NDArray x = call.array(0);
        Window window = window(call);
        boolean ceil = ceil(call);
        NDArray padded = window.surround(x, Native.number(0, x), ceil);
        Shape shape = padded.getShape();
        long[] planes = shape.getShape().clone();
        planes[0] *= planes[1];
        planes[1] = 1;
        NDArray sums = sums(padded.reshape(new Shape(planes)), window);
        long[] result = sums.getShape().getShape().clone();
        result[0] = shape.get(0);
        result[1] = shape.get(1);
        return divided(sums.reshape(new Shape(result)), call, window);
    }

    private static NDArray sums(NDArray planes, Window window) {
        Shape kernel = Gathering.joined(new long[] {1, 1}, window.kernel().getShape());
        return Convolutions.run(
                planes,
                planes.getManager().ones(kernel, planes.getDataType()),
                null,
                window.strides(),
                new Shape(new long[window.axes()]),
                window.dilations(),
                1);
    }

    private static NDArray divided(NDArray sums, Call call, Window window) {
        boolean padded = call.attributes().integer("count_include_pad", 0) != 0;
        int rank = sums.getShape().dimension();
        NDArray result = sums;
        for (int i = 0; i < window.axes(); i++) {
            double[] shares = shares(window, i, ceil(call), padded);
            NDArray share = Native.numbers(sums, new Shape(shares.length), shares);
            result =
                    Arrays.stream(shares).distinct().count() == 1
                            ? Native.times(result, shares[0])
                            : result.mul(Axes.along(share, i + 2, rank));
        }
        return result;
    }

    /** One by the number of values that count at each place of the window on an axis. */
    private static double[] shares(Window window, int axis, boolean ceil, boolean padded) {
        long low = padded ? -window.before(axis) : 0;
        long high = window.size(axis) + (padded ? window.after(axis) : 0);
        double[] shares = new double[(int) window.count(axis, ceil)];
        for (int place = 0; place < shares.length; place++) {
            long start = place * window.stride(axis) - window.before(axis);
            long count = 0;
            for (long k = 0; k < window.kernel(axis); k++) {
                long at = start + k * window.dilation(axis);
                count += at >= low && at < high ? 1 : 0;
            }
            shares[place] = 1.0 / count;
        }
        return shares;
    }
}
