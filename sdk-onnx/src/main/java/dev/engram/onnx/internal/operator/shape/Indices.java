package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import java.util.function.Supplier;

/**
 * Places that a graph picks. Negative ones count from the end, once; any other place outside the
 * array must fail, and nothing here waits for the device to find out: PyTorch checks the places
 * itself, on the host at once, on a GPU by an assertion that ends the process's use of the GPU.
 */
public final class Indices {

    private Indices() {}

    /**
     * Counts negative places from the end. What is outside the array stays outside: for consumers
     * that know no negative places.
     */
    public static NDArray front(NDArray places, long size) {
        NDArray wide = places.toType(DataType.INT64, false);
        return wide.add(wide.lt(0).toType(DataType.INT64, false).mul(size));
    }

    /**
     * Like {@link #front}, with one number for all places outside: where places are added up, or
     * negative ones counted from the end again, one that is outside could come to lie inside.
     */
    static NDArray strict(NDArray places, long size, long outside) {
        NDArray front = front(places, size);
        NDArray inside = front.gte(0).logicalAnd(front.lt(size));
        return Axes.where(inside, front, Native.number((double) outside, front));
    }

    /**
     * Says which place was outside, if that is why something failed; only then it reads them.
     *
     * @param sizes of the axes that the numbers of the second input are places of, in turn
     */
    static NDArray explained(Call call, Supplier<NDArray> picked, long... sizes) {
        try {
            return picked.get();
        } catch (OnnxException e) {
            throw e;
        } catch (RuntimeException e) {
            requireInside(call, sizes, e);
            throw e;
        }
    }

    private static void requireInside(Call call, long[] sizes, RuntimeException failed) {
        long[] places = call.longs(1);
        for (int i = 0; i < places.length; i++) {
            long size = sizes[i % sizes.length];
            if (places[i] < -size || places[i] >= size) {
                throw new OnnxException(
                        "%s picks place %d where %d to %d are there"
                                .formatted(call.node(), places[i], -size, size - 1),
                        failed);
            }
        }
    }
}
