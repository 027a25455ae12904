package dev.engram.onnx.internal.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Axes and shapes: counted from the front, broadcast against each other, moved. */
public final class Axes {

    private Axes() {}

    public static int[] front(long[] axes, int rank) {
        return Arrays.stream(axes).mapToInt(a -> (int) (a < 0 ? a + rank : a)).sorted().toArray();
    }

    public static int[] all(int rank) {
        return IntStream.range(0, rank).toArray();
    }

    /** The shape that two shapes stretch to, as NumPy has it. */
    public static Shape common(Shape a, Shape b) {
        int rank = Math.max(a.dimension(), b.dimension());
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            long left = fromEnd(a, rank - i);
            long right = fromEnd(b, rank - i);
            dims[i] = left == 1 ? right : left;
        }
        return new Shape(dims);
    }

    private static long fromEnd(Shape shape, int place) {
        return place > shape.dimension() ? 1 : shape.get(shape.dimension() - place);
    }

    public static NDArray stretch(NDArray array, Shape shape) {
        return array.getShape().equals(shape) ? array : array.broadcast(shape);
    }

    /** Chooses elementwise between two arrays that stretch to each other and to the condition. */
    public static NDArray where(NDArray condition, NDArray yes, NDArray no) {
        Shape shape = common(condition.getShape(), common(yes.getShape(), no.getShape()));
        return stretch(yes, shape)
                .getNDArrayInternal()
                .where(stretch(condition, shape), stretch(no, shape));
    }

    /** Moves an axis to another place; the others keep their order. */
    public static NDArray move(NDArray array, int from, int to) {
        if (from == to) {
            return array;
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, array.getShape().dimension()).boxed().toList());
        order.add(to, order.remove(from));
        return array.transpose(order.stream().mapToInt(i -> i).toArray());
    }

    /** Gives a vector the shape in which it stretches along one axis of an array. */
    public static NDArray along(NDArray vector, int axis, int rank) {
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        dims[axis] = vector.size();
        return vector.reshape(new Shape(dims));
    }

    public static Shape with(Shape shape, int axis, long size) {
        long[] dims = shape.getShape().clone();
        dims[axis] = size;
        return new Shape(dims);
    }
}
