package dev.engram.onnx.internal.operator.normalization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;

/** Sums, means, extremes and norms over axes; axes are an attribute or, later, an input. */
public final class Reductions {

    private Reductions() {}

    /** Reduces some axes, which stay with the size 1. */
    private interface Reduction {
        NDArray over(NDArray array, int[] axes);
    }

    public static void register(OperatorTable table) {
        add(table, "ReduceSum", Reductions::sum);
        add(table, "ReduceMean", Reductions::mean);
        add(table, "ReduceMax", Reductions::max);
        add(table, "ReduceMin", Reductions::min);
        add(table, "ReduceProd", Reductions::product);
        add(table, "ReduceL1", (x, axes) -> sum(x.abs(), axes));
        add(table, "ReduceL2", Reductions::length);
        add(table, "ReduceSumSquare", (x, axes) -> sum(x.mul(x), axes));
        add(table, "ReduceLogSum", (x, axes) -> sum(x, axes).log());
        add(table, "ReduceLogSumExp", Reductions::logSumExp);
        table.single("ArgMax", 1, call -> arg(call, true));
        table.single("ArgMin", 1, call -> arg(call, false));
    }

    private static void add(OperatorTable table, String type, Reduction reduction) {
        table.single(type, 1, call -> reduce(call, reduction)).shapedBy(1);
    }

    private static NDArray reduce(Call call, Reduction reduction) {
        NDArray x = call.array(0);
        int rank = x.getShape().dimension();
        long[] told = call.longs(1, "axes").orElse(new long[0]);
        if (told.length == 0 && call.attributes().integer("noop_with_empty_axes", 0) != 0) {
            return reduction.over(x, new int[0]);
        }
        int[] axes = told.length == 0 ? Axes.all(rank) : Axes.front(told, rank);
        NDArray reduced = reduction.over(x, axes);
        return call.attributes().integer("keepdims", 1) != 0 ? reduced : dropped(reduced, axes);
    }

    private static NDArray dropped(NDArray reduced, int[] axes) {
        return axes.length == 0 ? reduced : reduced.squeeze(axes);
    }

    static NDArray sum(NDArray x, int... axes) {
        return axes.length == 0 ? x : Casts.to(x.sum(axes, true), x.getDataType());
    }

    public static NDArray mean(NDArray x, int... axes) {
        double count = 1;
        for (int axis : axes) {
            count *= x.getShape().get(axis);
        }
        if (x.getDataType().isFloating()) {
            return Native.times(sum(x, axes), 1 / count);
        }
        NDArray wide = sum(x, axes).toType(DataType.FLOAT64, false);
        return wide.mul(1 / count).trunc().toType(x.getDataType(), false);
    }

    private static NDArray length(NDArray x, int... axes) {
        return sum(x.mul(x), axes).sqrt();
    }

    public static NDArray max(NDArray x, int... axes) {
        if (x.getDataType() == DataType.BOOLEAN) {
            return max(x.toType(DataType.INT32, false), axes).toType(DataType.BOOLEAN, false);
        }
        return x.size() == 0 ? empty(x, lowest(x.getDataType()), axes) : extreme(x, axes, true);
    }

    private static NDArray min(NDArray x, int... axes) {
        if (x.getDataType() == DataType.BOOLEAN) {
            return min(x.toType(DataType.INT32, false), axes).toType(DataType.BOOLEAN, false);
        }
        return x.size() == 0 ? empty(x, highest(x.getDataType()), axes) : extreme(x, axes, false);
    }

    private static NDArray extreme(NDArray x, int[] axes, boolean most) {
        NDArray result = x;
        for (int axis : axes) {
            int[] one = {axis};
            result = most ? result.max(one, true) : result.min(one, true);
        }
        return result;
    }

    /** What ONNX says of no values at all. */
    private static NDArray empty(NDArray x, double value, int[] axes) {
        Shape shape = x.getShape();
        for (int axis : axes) {
            shape = Axes.with(shape, axis, 1);
        }
        return Axes.stretch(Native.number(value, x), shape);
    }

    public static double lowest(DataType type) {
        return switch (type) {
            case INT8 -> Byte.MIN_VALUE;
            case UINT8 -> 0;
            case INT32 -> Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    private static double highest(DataType type) {
        return switch (type) {
            case INT8 -> Byte.MAX_VALUE;
            case UINT8 -> 255;
            case INT32 -> Integer.MAX_VALUE;
            case INT64 -> Long.MAX_VALUE;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    private static NDArray product(NDArray x, int... axes) {
        NDArray result = x;
        for (int axis : axes) {
            result = result.prod(new int[] {axis}, true);
        }
        return Casts.to(result, x.getDataType());
    }

    /** Shifted by the maximum, so that large values do not overflow. */
    static NDArray logSumExp(NDArray x, int... axes) {
        if (x.size() == 0) {
            return sum(x.exp(), axes).log();
        }
        NDArray most = max(x, axes).stopGradient();
        NDArray shift = Axes.where(most.isInfinite(), Native.number(0, x), most);
        return sum(x.sub(shift).exp(), axes).log().add(shift);
    }

    private static NDArray arg(Call call, boolean most) {
        NDArray x = call.array(0);
        int axis = call.axis("axis", 0);
        boolean last = call.attributes().integer("select_last_index", 0) != 0;
        NDArray seen = last ? x.flip(axis) : x;
        NDArray place = most ? seen.argMax(axis) : seen.argMin(axis);
        if (last) {
            place = place.neg().add(x.getShape().get(axis) - 1);
        }
        return call.attributes().integer("keepdims", 1) != 0 ? place.expandDims(axis) : place;
    }
}
