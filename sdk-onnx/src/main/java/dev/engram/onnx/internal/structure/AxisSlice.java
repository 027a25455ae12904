package dev.engram.onnx.internal.structure;

import dev.engram.onnx.internal.model.Node;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/** What a Slice takes of each axis, as far as the file states it. */
public record AxisSlice(Node node, DataFlow flow) {

    /** Returns integers that newer operator sets state as an input, older ones as an attribute. */
    public static Optional<long[]> stated(Node node, int input, String attribute, DataFlow flow) {
        boolean has = node.inputs().size() > input && !node.inputs().get(input).isEmpty();
        return has
                ? flow.integers(node.inputs().get(input))
                : node.attributes().integers(attribute);
    }

    /** Returns where it ends, if it takes some of the first of such an axis, from the front. */
    public OptionalLong front(LongPredicate isWanted) {
        long[] starts = stated(node, 1, "starts", flow).orElse(new long[0]);
        long[] ends = stated(node, 2, "ends", flow).orElse(new long[0]);
        long[] axes =
                stated(node, 3, "axes", flow).orElse(LongStream.range(0, starts.length).toArray());
        for (int i = 0; i < Math.min(axes.length, Math.min(starts.length, ends.length)); i++) {
            boolean isBounded = ends[i] > 0 && ends[i] < Integer.MAX_VALUE;
            if (isWanted.test(axes[i]) && starts[i] >= 0 && isBounded) {
                return OptionalLong.of(ends[i]);
            }
        }
        return OptionalLong.empty();
    }
}
