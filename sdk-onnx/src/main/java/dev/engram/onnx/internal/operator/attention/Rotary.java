package dev.engram.onnx.internal.operator.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.operator.shape.Indices;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;

/** Rotary position embedding of operator set 23: pairs of values turned by an angle. */
public final class Rotary {

    private Rotary() {}

    public static void register(OperatorTable table) {
        table.single("RotaryEmbedding", 23, Rotary::rotate);
    }

    private static NDArray rotate(Call call) {
        NDArray x = call.array(0);
        boolean flat = x.getShape().dimension() == 3;
        long[] d = x.getShape().getShape();
        long heads = flat ? call.attributes().integer("num_heads", 1) : d[1];
        NDArray rows = flat ? x.reshape(d[0], d[1], heads, d[2] / heads) : x.swapAxes(1, 2);
        long size = rows.getShape().get(3);
        long told = call.attributes().integer("rotary_embedding_dim", 0);
        long turned = told == 0 ? size : told;
        NDArray part = Slicing.range(rows, 3, 0, turned);
        NDArray result = turned(call, part, table(call, 1, turned), table(call, 2, turned));
        if (turned < size) {
            NDArray rest = Slicing.range(rows, 3, turned, size);
            result = NDArrays.concat(new NDList(result, rest), 3);
        }
        return flat ? result.reshape(x.getShape()) : result.swapAxes(1, 2);
    }

    /** Looks the angles up by position, if there are positions; one row for all heads. */
    private static NDArray table(Call call, int input, long turned) {
        NDArray table = call.array(input);
        if (call.has(3)) {
            NDArray positions = Indices.front(call.array(3), table.getShape().get(0));
            Shape shape = positions.getShape();
            NDArray rows = Gathering.take(table, 0, positions.flatten());
            table = rows.reshape(shape.get(0), shape.get(1), table.getShape().get(1));
        }
        return Slicing.range(table, 2, 0, turned / 2).expandDims(2);
    }

    private static NDArray turned(Call call, NDArray part, NDArray cos, NDArray sin) {
        long size = part.getShape().get(3);
        boolean interleaved = call.attributes().integer("interleaved", 0) != 0;
        NDArray first = half(part, interleaved, 0, size);
        NDArray second = half(part, interleaved, 1, size);
        NDArray real = first.mul(cos).sub(second.mul(sin));
        NDArray imaginary = first.mul(sin).add(second.mul(cos));
        return interleaved
                ? NDArrays.stack(new NDList(real, imaginary), 4).reshape(part.getShape())
                : NDArrays.concat(new NDList(real, imaginary), 3);
    }

    private static NDArray half(NDArray part, boolean interleaved, int which, long size) {
        return interleaved
                ? Slicing.strided(part, 3, which, size / 2, 2)
                : Slicing.range(part, 3, which * size / 2, (which + 1) * size / 2);
    }
}
