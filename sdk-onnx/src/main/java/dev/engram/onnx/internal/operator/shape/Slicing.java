package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Bounds;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.stream.LongStream;

/** Parts of arrays, and arrays with something around them. */
public final class Slicing {

    private Slicing() {}

    public static void register(OperatorTable table) {
        table.single("Slice", 1, Slicing::slice).shapedBy(1, 2, 3, 4);
        table.single("Pad", 2, Slicing::pad).shapedBy(1, 3);
        table.single("Trilu", 14, Slicing::triangle);
    }

    private static NDArray slice(Call call) {
        long[] starts = call.longs(1, "starts").orElseThrow();
        long[] ends = call.longs(2, "ends").orElseThrow();
        long[] axes = call.longs(3, "axes").orElse(LongStream.range(0, starts.length).toArray());
        NDArray result = call.array(0);
        for (int i = 0; i < starts.length; i++) {
            int axis = call.axis(axes[i], call.shape(0).dimension());
            long step = call.has(4) ? call.longs(4)[i] : 1;
            result =
                    step > 0
                            ? forward(result, axis, starts[i], ends[i], step)
                            : backward(result, axis, starts[i], ends[i], step);
        }
        return result;
    }

    private static NDArray forward(NDArray x, int axis, long start, long end, long step) {
        long size = x.getShape().get(axis);
        long from = clamp(start < 0 ? start + size : start, 0, size);
        long to = clamp(end < 0 ? end + size : end, 0, size);
        return step == 1 || to <= from
                ? range(x, axis, from, to)
                : x.get(upTo(axis).addSliceDim(from, to, step));
    }

    private static NDArray backward(NDArray x, int axis, long start, long end, long step) {
        long size = x.getShape().get(axis);
        long from = clamp(start < 0 ? start + size : start, -1, size - 1);
        long to = clamp(end < 0 ? Math.max(-1, end + size) : end, -1, size - 1);
        long count = Math.max(0, (to - from + step + 1) / step);
        long[] places = LongStream.range(0, count).map(i -> from + i * step).toArray();
        return Gathering.take(x, axis, places);
    }

    private static long clamp(long value, long low, long high) {
        return Math.max(low, Math.min(high, value));
    }

    public static NDArray range(NDArray x, int axis, long from, long to) {
        if (from == 0 && to == x.getShape().get(axis)) {
            return x;
        }
        if (to <= from) {
            Shape empty = Axes.with(x.getShape(), axis, 0);
            return x.getManager().zeros(empty, x.getDataType());
        }
        return x.get(upTo(axis).addSliceDim(from, to));
    }

    public static NDArray strided(NDArray x, int axis, long from, long count, long step) {
        return step == 1
                ? range(x, axis, from, from + count)
                : x.get(upTo(axis).addSliceDim(from, from + (count - 1) * step + 1, step));
    }

    private static NDIndex upTo(int axis) {
        return new NDIndex().addAllDim(axis);
    }

    private static NDArray pad(Call call) {
        NDArray x = call.array(0);
        int rank = x.getShape().dimension();
        long[] pads = call.longs(1, "pads").orElseThrow();
        int count = pads.length / 2;
        String mode = call.attributes().text("mode", "constant");
        NDArray fill = fill(call);
        NDArray result = x;
        for (int i = 0; i < count; i++) {
            requireModest(call, pads[i], pads[i + count]);
            int axis = call.has(3) ? call.axis(call.longs(3)[i], rank) : i;
            result =
                    mode.equals("constant")
                            ? filled(result, axis, pads[i], pads[i + count], fill)
                            : repeated(result, axis, pads[i], pads[i + count], mode);
        }
        return result;
    }

    private static NDArray fill(Call call) {
        float told = call.attributes().number("value", 0);
        return call.optional(2).orElseGet(() -> Native.number(told, call.array(0)));
    }

    private static void requireModest(Call call, long before, long after) {
        long size = Math.max(1, call.shape(0).size());
        Bounds.modest(call, Math.abs(before), size);
        Bounds.modest(call, Math.abs(after), size);
    }

    /** Adds constant values at both ends of an axis; negative counts cut. */
    public static NDArray filled(NDArray x, int axis, long before, long after, NDArray fill) {
        long size = x.getShape().get(axis);
        NDArray cut = range(x, axis, Math.max(0, -before), size + Math.min(0, after));
        NDList parts = new NDList();
        if (before > 0) {
            parts.add(fill.broadcast(Axes.with(x.getShape(), axis, before)));
        }
        parts.add(cut);
        if (after > 0) {
            parts.add(fill.broadcast(Axes.with(x.getShape(), axis, after)));
        }
        return parts.size() == 1 ? cut : NDArrays.concat(parts, axis);
    }

    private static NDArray repeated(NDArray x, int axis, long before, long after, String mode) {
        long size = x.getShape().get(axis);
        long[] places =
                LongStream.range(-before, size + after)
                        .map(place -> source(place, size, mode))
                        .toArray();
        return before == 0 && after == 0 ? x : Gathering.take(x, axis, places);
    }

    private static long source(long place, long size, String mode) {
        return switch (mode) {
            case "edge" -> clamp(place, 0, size - 1);
            case "wrap" -> Math.floorMod(place, size);
            default -> mirrored(place, size);
        };
    }

    private static long mirrored(long place, long size) {
        long period = Math.max(1, 2 * (size - 1));
        long within = Math.floorMod(place, period);
        return Math.min(within, period - within);
    }

    private static NDArray triangle(Call call) {
        NDArray x = call.array(0);
        if (x.size() == 0) {
            return x;
        }
        NDArray kept = kept(x, call.has(1) ? call.longs(1)[0] : 0, call);
        NDArray zero =
                x.getDataType() == DataType.BOOLEAN
                        ? x.getManager().zeros(new Shape(), DataType.BOOLEAN)
                        : Native.number(0, x);
        return Axes.where(kept, x, zero);
    }

    private static NDArray kept(NDArray x, long diagonal, Call call) {
        int rank = x.getShape().dimension();
        long rows = x.getShape().get(rank - 2);
        long columns = x.getShape().get(rank - 1);
        NDArray row = Generators.count(x.getManager(), rows).reshape(rows, 1).add(diagonal);
        NDArray column = Generators.count(x.getManager(), columns).reshape(1, columns);
        boolean upper = call.attributes().integer("upper", 1) != 0;
        return upper ? column.gte(row) : column.lte(row);
    }
}
