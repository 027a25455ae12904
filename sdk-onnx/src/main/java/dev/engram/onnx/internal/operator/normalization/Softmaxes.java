package dev.engram.onnx.internal.operator.normalization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.operator.shape.Gathering;
import dev.engram.onnx.internal.operator.shape.Generators;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.function.BiFunction;

/** Values turned into shares of one. */
public final class Softmaxes {

    private Softmaxes() {}

    public static void register(OperatorTable table) {
        add(table, "Softmax", (x, axis) -> x.softmax(axis));
        add(table, "LogSoftmax", (x, axis) -> x.logSoftmax(axis));
        add(table, "Hardmax", Softmaxes::hard);
    }

    private static void add(
            OperatorTable table, String type, BiFunction<NDArray, Integer, NDArray> function) {
        table.single(type, 1, call -> overRest(call, function));
        table.single(type, 13, call -> function.apply(call.array(0), call.axis("axis", -1)));
    }

    /** Up to operator set 12 the axis splits the array into a matrix. */
    private static NDArray overRest(Call call, BiFunction<NDArray, Integer, NDArray> function) {
        long[] dims = call.shape(0).getShape();
        long rows = Gathering.product(dims, 0, call.axis("axis", 1));
        NDArray matrix = call.array(0).reshape(new Shape(rows, call.shape(0).size() / rows));
        return function.apply(matrix, 1).reshape(call.shape(0));
    }

    private static NDArray hard(NDArray x, int axis) {
        NDArray best = x.stopGradient().argMax(axis).expandDims(axis);
        long size = x.getShape().get(axis);
        NDArray count =
                Axes.along(Generators.count(x.getManager(), size), axis, x.getShape().dimension());
        return best.eq(count).toType(x.getDataType(), false);
    }
}
