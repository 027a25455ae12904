package dev.engram.onnx.internal.operator.arithmetic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.Operator;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.function.BinaryOperator;

/** Comparisons and what is done with their results. */
public final class Logic {

    private Logic() {}

    public static void register(OperatorTable table) {
        table.single("Equal", 7, binary(NDArray::eq));
        table.single("Greater", 7, binary(NDArray::gt));
        table.single("GreaterOrEqual", 12, binary(NDArray::gte));
        table.single("Less", 7, binary(NDArray::lt));
        table.single("LessOrEqual", 12, binary(NDArray::lte));
        table.single("And", 7, binary(NDArray::logicalAnd));
        table.single("Or", 7, binary(NDArray::logicalOr));
        table.single("Xor", 7, binary(NDArray::logicalXor));
        table.single("Not", 1, call -> call.array(0).logicalNot());
        table.single("IsNaN", 9, call -> call.array(0).isNaN());
        table.single("IsInf", 10, Logic::infinite);
        table.single("Where", 9, Logic::where);
    }

    private static Operator.Single binary(BinaryOperator<NDArray> operator) {
        return call -> operator.apply(call.array(0), call.array(1));
    }

    private static NDArray where(Call call) {
        return Axes.where(call.array(0), call.array(1), call.array(2));
    }

    private static NDArray infinite(Call call) {
        NDArray x = call.array(0);
        NDArray infinite = x.isInfinite();
        NDArray zero = Native.number(0, x);
        if (call.attributes().integer("detect_negative", 1) == 0) {
            infinite = infinite.logicalAnd(x.gt(zero));
        }
        if (call.attributes().integer("detect_positive", 1) == 0) {
            infinite = infinite.logicalAnd(x.lt(zero));
        }
        return infinite.toType(DataType.BOOLEAN, false);
    }
}
