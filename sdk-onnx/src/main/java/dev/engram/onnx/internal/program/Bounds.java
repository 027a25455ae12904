package dev.engram.onnx.internal.program;

import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Axes;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sizes that a graph asks for, checked before memory is taken: a file of some bytes can ask for
 * more than any machine has.
 */
public final class Bounds {

    /** A gigabyte of floats, in one array that does not come from the caller. */
    static final long MOST = 1L << 28;

    /** Operators whose result may be larger than each of their inputs, by their shapes alone. */
    private static final Set<String> STRETCHING =
            Set.of(
                    "Add",
                    "Sub",
                    "Mul",
                    "Div",
                    "Mod",
                    "Pow",
                    "Max",
                    "Min",
                    "Sum",
                    "Mean",
                    "Where",
                    "MatMul",
                    "Equal",
                    "Greater",
                    "GreaterOrEqual",
                    "Less",
                    "LessOrEqual",
                    "And",
                    "Or",
                    "Xor",
                    "PRelu");

    /** What is computed from the file's tensors may have so many times their elements. */
    static final long FOLDED = 8;

    private Bounds() {}

    /** Returns a shape if it may be made. */
    public static Shape modest(Call call, long... dims) {
        requireModest(call.node(), dims);
        return new Shape(dims);
    }

    private static void requireModest(Object node, long... dims) {
        long size = 1;
        for (long dim : dims) {
            if (dim < 0 || (dim > 0 && size > MOST / dim)) {
                throw new OnnxException(
                        node
                                + " makes an array of the shape "
                                + new Shape(dims)
                                + "; at most "
                                + MOST
                                + " elements are made from the file alone");
            }
            size = Math.max(1, size * dim);
        }
    }

    /** Checks a step that is computed before any batch. */
    static void requireModest(Step step, @Nullable Value[] inputs) {
        Shape shape = new Shape();
        boolean product = step.node().type().equals("MatMul");
        for (Value value : inputs) {
            if (value != null) {
                Shape seen = value.array().getShape();
                shape = product ? multiplied(shape, seen) : widest(shape, seen);
            }
        }
        if (STRETCHING.contains(step.node().type())) {
            requireModest(step.node(), shape.getShape());
        }
    }

    /** Returns how many elements a frame holds. */
    static long elements(@Nullable Value[] frame) {
        return Arrays.stream(frame).mapToLong(v -> v == null ? 0 : v.array().size()).sum();
    }

    /** Returns how many elements a step made. */
    static long elements(Step step, @Nullable Value[] frame) {
        return Arrays.stream(step.outputs())
                .mapToObj(slot -> slot < 0 ? null : frame[slot])
                .mapToLong(v -> v == null ? 0 : v.array().size())
                .sum();
    }

    static void requireLeft(long budget, Step step) {
        if (budget < 0) {
            throw new OnnxException(
                    step.node() + ": what the graph computes from the file alone is too large");
        }
    }

    private static Shape multiplied(Shape left, Shape right) {
        int rank = right.dimension();
        if (left.dimension() < 2 || rank < 2) {
            return widest(left, right);
        }
        Shape common = widest(left, Axes.with(right, rank - 2, 1));
        return Axes.with(common, common.dimension() - 1, right.get(rank - 1));
    }

    private static Shape widest(Shape left, Shape right) {
        int rank = Math.max(left.dimension(), right.dimension());
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = Math.max(fromEnd(left, rank - i), fromEnd(right, rank - i));
        }
        return new Shape(dims);
    }

    private static long fromEnd(Shape shape, int place) {
        return place > shape.dimension() ? 1 : shape.get(shape.dimension() - place);
    }
}
