package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;

/** Values picked by index. */
public final class Gathering {

    private Gathering() {}

    public static void register(OperatorTable table) {
        table.single("Gather", 1, Gathering::gather);
        table.single("GatherElements", 11, Gathering::elements);
        table.single("GatherND", 11, Gathering::cells);
    }

    private static NDArray gather(Call call) {
        NDArray x = call.array(0);
        int axis = call.axis("axis", 0);
        long size = x.getShape().get(axis);
        NDArray taken = Indices.explained(call, () -> picked(x, axis, call.array(1)), size);
        return taken.reshape(replaced(x.getShape().getShape(), axis, call.shape(1).getShape()));
    }

    /** A lookup along the first axis knows no negative places; along others they count again. */
    private static NDArray picked(NDArray x, int axis, NDArray index) {
        long size = x.getShape().get(axis);
        NDArray places =
                axis == 0 ? Indices.front(index, size) : Indices.strict(index, size, -size - 1);
        return take(x, axis, places.reshape(new Shape(places.size())));
    }

    private static Shape replaced(long[] dims, int axis, long... inner) {
        long[] result = new long[dims.length - 1 + inner.length];
        System.arraycopy(dims, 0, result, 0, axis);
        System.arraycopy(inner, 0, result, axis, inner.length);
        System.arraycopy(dims, axis + 1, result, axis + inner.length, dims.length - axis - 1);
        return new Shape(result);
    }

    public static NDArray take(NDArray x, int axis, long... places) {
        if (places.length == 0) {
            Shape empty = Axes.with(x.getShape(), axis, 0);
            return x.getManager().zeros(empty, x.getDataType());
        }
        return take(x, axis, Native.longs(x.getManager(), new Shape(places.length), places));
    }

    public static NDArray take(NDArray x, int axis, NDArray places) {
        if (places.size() == 0) {
            return take(x, axis);
        }
        if (axis == 0) {
            return rows(x, places);
        }
        return x.get(new NDIndex(":,".repeat(axis) + "{}", places));
    }

    private static NDArray rows(NDArray x, NDArray places) {
        long[] dims = x.getShape().getShape().clone();
        NDArray table = x.reshape(new Shape(dims[0], x.size() / Math.max(1, dims[0])));
        NDArray taken =
                x.getNDArrayInternal()
                        .embedding(places, table, SparseFormat.DENSE)
                        .singletonOrThrow();
        dims[0] = places.size();
        return taken.reshape(new Shape(dims));
    }

    private static NDArray elements(Call call) {
        int axis = call.axis("axis", 0);
        long size = call.shape(0).get(axis);
        return Indices.explained(
                call, () -> call.array(0).gather(Indices.front(call.array(1), size), axis), size);
    }

    private static NDArray cells(Call call) {
        int batch = (int) call.attributes().integer("batch_dims", 0);
        long[] index = call.shape(1).getShape();
        int depth = (int) index[index.length - 1];
        long[] dims = Arrays.copyOfRange(call.shape(0).getShape(), batch, batch + depth);
        return Indices.explained(call, () -> cells(call, batch, depth), dims);
    }

    private static NDArray cells(Call call, int batch, int depth) {
        NDArray x = call.array(0);
        NDArray index = call.array(1);
        long[] dims = x.getShape().getShape();
        long[] places = index.getShape().getShape();
        long cells = product(dims, batch, batch + depth);
        long groups = product(dims, 0, batch);
        NDArray linear =
                linear(index, -groups * cells, Arrays.copyOfRange(dims, batch, batch + depth));
        if (batch > 0) {
            NDArray start = Generators.count(x.getManager(), groups).mul(cells);
            linear = linear.reshape(groups, linear.size() / groups).add(start.reshape(groups, 1));
        }
        NDArray flat = linear.reshape(new Shape(linear.size()));
        long[] cell = Arrays.copyOfRange(dims, batch + depth, dims.length);
        NDArray table = x.reshape(joined(new long[] {groups * cells}, cell));
        return take(table, 0, flat).reshape(joined(Arrays.copyOf(places, places.length - 1), cell));
    }

    /**
     * Turns the last axis, a place per axis, into one place in the flattened axes.
     *
     * @param outside what a place outside counts as: so far below zero that the sum stays there
     */
    static NDArray linear(NDArray index, long outside, long... dims) {
        int last = index.getShape().dimension() - 1;
        NDArray linear = null;
        for (int i = 0; i < dims.length; i++) {
            NDArray part =
                    Indices.strict(Slicing.range(index, last, i, i + 1), dims[i], outside)
                            .squeeze(last);
            linear = linear == null ? part : linear.mul(dims[i]).add(part);
        }
        if (linear == null) {
            throw new IllegalArgumentException("an index of no axes");
        }
        return linear;
    }

    public static long product(long[] dims, int from, int to) {
        return Arrays.stream(dims, from, to).reduce(1, (a, b) -> a * b);
    }

    public static Shape joined(long[] first, long... second) {
        long[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return new Shape(all);
    }
}
