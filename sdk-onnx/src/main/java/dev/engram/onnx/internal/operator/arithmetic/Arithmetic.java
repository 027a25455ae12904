package dev.engram.onnx.internal.operator.arithmetic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.Operator;
import dev.engram.onnx.internal.program.OperatorTable;
import dev.engram.onnx.internal.program.Value;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Elementwise arithmetic, and products of matrices. */
public final class Arithmetic {

    private Arithmetic() {}

    public static void register(OperatorTable table) {
        table.single("Add", 7, binary(NDArray::add));
        table.single("Sub", 7, binary(NDArray::sub));
        table.single("Mul", 7, binary(NDArray::mul));
        table.single("Div", 7, Arithmetic::quotient);
        table.single("Mod", 10, Arithmetic::modulo);
        table.single("Pow", 7, binary(Arithmetic::power));
        table.single("Sum", 8, fold(NDArray::add));
        table.single("Max", 8, fold(NDArray::maximum));
        table.single("Min", 8, fold(NDArray::minimum));
        table.single("Mean", 8, Arithmetic::mean);
        table.single("MatMul", 1, binary(NDArray::matMul));
        table.single("Gemm", 7, Arithmetic::gemm);
        registerFunctions(table);
        registerAngles(table);
    }

    private static void registerFunctions(OperatorTable table) {
        unary(table, "Neg", NDArray::neg);
        unary(table, "Abs", NDArray::abs);
        unary(table, "Sqrt", NDArray::sqrt);
        unary(table, "Exp", NDArray::exp);
        unary(table, "Log", NDArray::log);
        unary(table, "Floor", NDArray::floor);
        unary(table, "Ceil", NDArray::ceil);
        unary(table, "Round", NDArray::round);
        unary(table, "Sign", NDArray::sign);
        unary(table, "Erf", NDArray::erf);
        unary(table, "Reciprocal", x -> Native.number(1, x).div(x));
    }

    private static void registerAngles(OperatorTable table) {
        unary(table, "Sin", NDArray::sin);
        unary(table, "Cos", NDArray::cos);
        unary(table, "Tan", NDArray::tan);
        unary(table, "Sinh", NDArray::sinh);
        unary(table, "Cosh", NDArray::cosh);
        unary(table, "Tanh", NDArray::tanh);
        unary(table, "Asin", NDArray::asin);
        unary(table, "Acos", NDArray::acos);
        unary(table, "Atan", NDArray::atan);
    }

    private static void unary(OperatorTable table, String type, UnaryOperator<NDArray> operator) {
        table.single(type, 1, call -> operator.apply(call.array(0)));
    }

    private static Operator.Single binary(BinaryOperator<NDArray> operator) {
        return call -> operator.apply(call.array(0), call.array(1));
    }

    private static Operator.Single fold(BinaryOperator<NDArray> operator) {
        return call -> call.arrays().stream().reduce(operator).orElseThrow();
    }

    private static NDArray mean(Call call) {
        NDArray sum = call.arrays().stream().reduce(NDArray::add).orElseThrow();
        return Native.times(sum, 1.0 / call.inputs());
    }

    private static NDArray quotient(Call call) {
        requireNoStoredZero(call);
        return divide(call.array(0), call.array(1));
    }

    /** Numbers of a batch are not read: what a division by zero gives there is undefined. */
    private static void requireNoStoredZero(Call call) {
        Value divisor = call.value(1);
        if (divisor.isKnown()
                && !divisor.array().getDataType().isFloating()
                && Arrays.stream(divisor.longs()).anyMatch(number -> number == 0)) {
            throw new OnnxException(
                    call.node() + " divides whole numbers by zero, which the file states");
        }
    }

    /** ONNX truncates the quotient of integers; PyTorch would give a fraction. */
    static NDArray divide(NDArray left, NDArray right) {
        DataType type = left.getDataType();
        if (type.isFloating()) {
            return left.div(right);
        }
        return type == DataType.INT64
                ? exact(left, right)
                : wide(left, right).trunc().toType(type, false);
    }

    private static NDArray wide(NDArray left, NDArray right) {
        NDArray numerator = left.toType(DataType.FLOAT64, false);
        return numerator.div(right.toType(DataType.FLOAT64, false));
    }

    /**
     * PyTorch divides through 53 bits. Without the remainder, which it computes in 64, the quotient
     * is whole, and what rounding took from it is small enough to be found by a second division.
     */
    private static NDArray exact(NDArray left, NDArray right) {
        NDArray divisor = right.add(right.eq(0).toType(DataType.INT64, false));
        NDArray rest = left.mod(divisor);
        // The remainder has the divisor's sign; of a truncated quotient it has the other one's.
        NDArray turned = rest.neq(0).logicalAnd(left.lt(0).logicalXor(divisor.lt(0)));
        NDArray multiple = left.sub(rest).add(divisor.mul(turned.toType(DataType.INT64, false)));
        NDArray near = wide(multiple, divisor).round().toType(DataType.INT64, false);
        NDArray missing = wide(multiple.sub(near.mul(divisor)), divisor).round();
        return near.add(missing.toType(DataType.INT64, false));
    }

    private static NDArray modulo(Call call) {
        NDArray left = call.array(0);
        NDArray right = call.array(1);
        requireNoStoredZero(call);
        if (call.attributes().integer("fmod", 0) == 0) {
            return left.mod(right);
        }
        NDArray times =
                left.getDataType().isFloating() ? left.div(right).trunc() : divide(left, right);
        return left.sub(times.mul(right));
    }

    /** The result has the type of the base, whatever the exponent's is. */
    private static NDArray power(NDArray base, NDArray exponent) {
        DataType type = base.getDataType();
        if (type.isFloating() || !exponent.getDataType().isFloating()) {
            return base.pow(Casts.to(exponent, type));
        }
        NDArray wide = base.toType(DataType.FLOAT64, false);
        return wide.pow(exponent.toType(DataType.FLOAT64, false)).toType(type, false);
    }

    private static NDArray gemm(Call call) {
        NDArray left = turned(call.array(0), call.attributes().integer("transA", 0));
        NDArray right = call.array(1);
        boolean turned = call.attributes().integer("transB", 0) != 0;
        float alpha = call.attributes().number("alpha", 1);
        float beta = call.attributes().number("beta", 1);
        if (turned && alpha == 1 && beta == 1 && isBias(call, right)) {
            return left.getNDArrayInternal().linear(left, right, call.array(2)).singletonOrThrow();
        }
        NDArray product = Native.times(left.matMul(turned(right, turned ? 1 : 0)), alpha);
        return call.has(2) ? product.add(Native.times(call.array(2), beta)) : product;
    }

    private static boolean isBias(Call call, NDArray weight) {
        return call.has(2)
                && call.shape(2).dimension() == 1
                && call.shape(2).get(0) == weight.getShape().get(0);
    }

    private static NDArray turned(NDArray matrix, long turn) {
        return turn == 0 ? matrix : matrix.transpose();
    }
}
