package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.OnnxException;
import java.util.Arrays;
import java.util.List;

/** Shapes as files state them: checked before anything is allocated for them. */
final class Dims {

    /** PyTorch and NumPy stop at 64 and 32; no exported model comes near. */
    static final int MOST_AXES = 32;

    private Dims() {}

    static long[] checked(List<Long> dims, int elementBytes, long mostBytes, String where) {
        if (dims.size() > MOST_AXES) {
            throw new OnnxException(
                    where + " has " + dims.size() + " axes; at most " + MOST_AXES + " make sense");
        }
        long bytes = Math.max(1, elementBytes);
        for (long dim : dims) {
            if (dim < 0) {
                throw new OnnxException(where + " has the negative dimension " + dim);
            }
            bytes = dim == 0 ? 0 : bounded(bytes, dim, mostBytes, where, dims);
        }
        return dims.stream().mapToLong(Long::longValue).toArray();
    }

    private static long bounded(
            long bytes, long dim, long mostBytes, String where, List<Long> dims) {
        if (bytes > mostBytes / dim) {
            throw new OnnxException(
                    where
                            + " has the shape "
                            + dims
                            + ", more than the "
                            + mostBytes
                            + " bytes that its file can hold");
        }
        return bytes * dim;
    }

    static long product(long[] dims) {
        return Arrays.stream(dims).reduce(1, Math::multiplyExact);
    }
}
