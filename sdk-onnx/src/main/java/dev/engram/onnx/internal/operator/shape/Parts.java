package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.model.Sequences;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;

/** What {@link Sequences} puts in place of lists of tensors. */
public final class Parts {

    private Parts() {}

    public static void register(OperatorTable table) {
        table.single(Sequences.PART, 1, Parts::part).shapedBy(1, 2);
        table.single(Sequences.PARTS, 1, Parts::count).shapedBy(1);
        table.single(Sequences.STACK, 1, Parts::stack);
    }

    private static NDArray part(Call call) {
        NDArray x = call.array(0);
        int axis = call.axis("axis", 0);
        long[] ends = ends(call, axis);
        long told = call.longs(2)[0];
        long place = told < 0 ? told + ends.length : told;
        if (place < 0 || place >= ends.length) {
            throw new OnnxException(
                    "%s picks part %d of %d".formatted(call.node(), told, ends.length));
        }
        long from = place == 0 ? 0 : ends[(int) place - 1];
        NDArray part = Slicing.range(x, axis, from, ends[(int) place]);
        boolean drops = !call.has(1) && call.attributes().integer("keepdims", 1) == 0;
        return drops ? part.squeeze(axis) : part;
    }

    private static NDArray count(Call call) {
        return Native.longs(call.manager(), new Shape(), ends(call, call.axis("axis", 0)).length);
    }

    /** Where each part ends: of one each, of so many each, or of sizes of their own. */
    private static long[] ends(Call call, int axis) {
        long size = call.shape(0).get(axis);
        if (call.has(1) && call.shape(1).dimension() > 0) {
            long[] ends = call.longs(1).clone();
            Arrays.parallelPrefix(ends, Long::sum);
            return ends;
        }
        long step = call.has(1) ? call.longs(1)[0] : 1;
        if (step < 1) {
            throw new OnnxException(call.node() + " splits into parts of " + step);
        }
        long[] ends = new long[Math.toIntExact((size + step - 1) / step)];
        Arrays.setAll(ends, i -> Math.min(size, (i + 1) * step));
        return ends;
    }

    private static NDArray stack(Call call) {
        int rank = call.shape(0).dimension() + 1;
        return NDArrays.stack(call.arrays(), call.axis(call.attributes().integer("axis", 0), rank));
    }
}
