package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Bounds;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Operators that keep the values and change the shape, the order or the type. */
public final class Shapes {

    private Shapes() {}

    public static void register(OperatorTable table) {
        table.single("Reshape", 5, Shapes::reshape).shapedBy(1);
        table.single("Flatten", 1, Shapes::flatten);
        table.single("Transpose", 1, Shapes::transpose);
        table.single("Squeeze", 1, Shapes::squeeze).shapedBy(1);
        table.single("Unsqueeze", 1, Shapes::unsqueeze).shapedBy(1);
        table.single("Expand", 8, Shapes::expand).shapedBy(1);
        table.single("Tile", 6, Shapes::tile).shapedBy(1);
        table.single("Concat", 4, Shapes::concat);
        table.single("Shape", 1, Shapes::shape);
        table.single("Size", 1, Shapes::size);
        table.single("Identity", 1, call -> call.array(0));
        table.single("DepthToSpace", 1, Shapes::depthToSpace);
        table.single("SpaceToDepth", 1, Shapes::spaceToDepth);
        table.add("Split", 2, Shapes::split).shapedBy(1);
    }

    private static NDArray reshape(Call call) {
        long[] told = call.longs(1);
        long[] dims = told.clone();
        boolean zeroStays = call.attributes().integer("allowzero", 0) != 0;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] == 0 && !zeroStays ? call.shape(0).get(i) : dims[i];
        }
        return call.array(0).reshape(new Shape(inferred(dims, call.shape(0).size())));
    }

    /** PyTorch cannot infer an axis next to one of size 0. */
    private static long[] inferred(long[] dims, long size) {
        long rest = Arrays.stream(dims).filter(d -> d != -1).reduce(1, (a, b) -> a * b);
        return Arrays.stream(dims).map(d -> d == -1 && rest > 0 ? size / rest : d).toArray();
    }

    private static NDArray flatten(Call call) {
        long[] dims = call.shape(0).getShape();
        int axis = call.axis("axis", 1);
        long rows = Arrays.stream(dims, 0, axis).reduce(1, (a, b) -> a * b);
        long columns = Arrays.stream(dims, axis, dims.length).reduce(1, (a, b) -> a * b);
        return call.array(0).reshape(new Shape(rows, columns));
    }

    private static NDArray transpose(Call call) {
        int rank = call.shape(0).dimension();
        if (rank < 2) {
            return call.array(0);
        }
        int[] order =
                call.attributes()
                        .integers("perm")
                        .map(perm -> Arrays.stream(perm).mapToInt(i -> (int) i).toArray())
                        .orElseGet(() -> IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
        return call.array(0).transpose(order);
    }

    private static NDArray squeeze(Call call) {
        long[] dims = call.shape(0).getShape();
        IntStream ones = IntStream.range(0, dims.length).filter(i -> dims[i] == 1);
        int[] axes =
                call.longs(1, "axes")
                        .map(told -> Axes.front(told, dims.length))
                        .orElseGet(ones::toArray);
        long[] left =
                IntStream.range(0, dims.length)
                        .filter(i -> Arrays.stream(axes).noneMatch(a -> a == i))
                        .mapToLong(i -> dims[i])
                        .toArray();
        return call.array(0).reshape(new Shape(left));
    }

    private static NDArray unsqueeze(Call call) {
        long[] told = call.longs(1, "axes").orElse(new long[0]);
        long[] dims = call.shape(0).getShape();
        int rank = dims.length + told.length;
        long[] wide = new long[rank];
        for (int axis : Axes.front(told, rank)) {
            wide[axis] = 1;
        }
        int next = 0;
        for (int i = 0; i < rank; i++) {
            wide[i] = wide[i] == 1 ? 1 : dims[next++];
        }
        return call.array(0).reshape(new Shape(wide));
    }

    private static NDArray expand(Call call) {
        Shape asked = Bounds.modest(call, call.longs(1));
        Shape shape = Axes.common(call.shape(0), asked);
        return Axes.stretch(call.array(0), Bounds.modest(call, shape.getShape()));
    }

    private static NDArray tile(Call call) {
        long[] times = call.longs(1);
        long[] dims = call.shape(0).getShape().clone();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.multiplyExact(dims[i], times[i]);
        }
        Bounds.modest(call, dims);
        return call.array(0).tile(times);
    }

    private static NDArray concat(Call call) {
        NDList parts = call.arrays();
        return parts.size() == 1 ? parts.head() : NDArrays.concat(parts, call.axis("axis", 0));
    }

    private static NDArray shape(Call call) {
        long[] dims = call.shape(0).getShape();
        int start = place(call.attributes().integer("start", 0), dims.length);
        int end = place(call.attributes().integer("end", dims.length), dims.length);
        long[] seen = Arrays.copyOfRange(dims, start, Math.max(start, end));
        return Native.longs(call.manager(), new Shape(seen.length), seen);
    }

    private static int place(long told, int rank) {
        return (int) Math.max(0, Math.min(rank, told < 0 ? told + rank : told));
    }

    private static NDArray size(Call call) {
        return Native.longs(call.manager(), new Shape(), call.shape(0).size());
    }

    private static NDArray depthToSpace(Call call) {
        long[] d = call.shape(0).getShape();
        long b = call.attributes().integer("blocksize", 1);
        long depth = d[1] / (b * b);
        boolean columns = call.attributes().text("mode", "DCR").equals("CRD");
        NDArray blocks =
                columns
                        ? call.array(0)
                                .reshape(d[0], depth, b, b, d[2], d[3])
                                .transpose(0, 1, 4, 2, 5, 3)
                        : call.array(0)
                                .reshape(d[0], b, b, depth, d[2], d[3])
                                .transpose(0, 3, 4, 1, 5, 2);
        return blocks.reshape(d[0], depth, d[2] * b, d[3] * b);
    }

    private static NDArray spaceToDepth(Call call) {
        long[] d = call.shape(0).getShape();
        long b = call.attributes().integer("blocksize", 1);
        return call.array(0)
                .reshape(d[0], d[1], d[2] / b, b, d[3] / b, b)
                .transpose(0, 3, 5, 1, 2, 4)
                .reshape(d[0], d[1] * b * b, d[2] / b, d[3] / b);
    }

    private static NDList split(Call call) {
        int axis = call.axis("axis", 0);
        long size = call.shape(0).get(axis);
        long[] parts = call.longs(1, "split").orElseGet(() -> even(call, size));
        NDList results = new NDList();
        long start = 0;
        for (long part : parts) {
            results.add(Slicing.range(call.array(0), axis, start, start + part));
            start += part;
        }
        return results;
    }

    private static long[] even(Call call, long size) {
        int count = (int) call.attributes().integer("num_outputs", call.outputs());
        long part = (size + count - 1) / count;
        return IntStream.range(0, count)
                .mapToLong(i -> Math.max(0, Math.min(part, size - i * part)))
                .toArray();
    }
}
