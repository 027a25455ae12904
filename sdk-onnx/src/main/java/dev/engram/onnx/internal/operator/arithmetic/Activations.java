package dev.engram.onnx.internal.operator.arithmetic;

import ai.djl.ndarray.NDArray;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.Operator;
import dev.engram.onnx.internal.program.OperatorTable;

/** Elementwise functions between layers. */
public final class Activations {

    private static final float SELU_ALPHA = 1.6732632f;
    private static final float SELU_GAMMA = 1.0507010f;

    private Activations() {}

    public static void register(OperatorTable table) {
        table.single("Relu", 6, with((x, told) -> x.getNDArrayInternal().relu()));
        table.single("Sigmoid", 6, with((x, told) -> x.getNDArrayInternal().sigmoid()));
        table.single("Softplus", 1, with((x, told) -> x.getNDArrayInternal().softPlus()));
        table.single("Softsign", 1, with((x, told) -> x.div(Native.plus(x.abs(), 1))));
        table.single("LeakyRelu", 6, with(Activations::leaky));
        table.single("Elu", 6, with((x, told) -> expBelow(x, told.number("alpha", 1), 1)));
        table.single("Selu", 6, with(Activations::selu));
        table.single("Celu", 12, with(Activations::celu));
        registerLater(table);
    }

    private static void registerLater(OperatorTable table) {
        table.single("HardSigmoid", 6, with(Activations::hardSigmoid));
        table.single("HardSwish", 14, with((x, told) -> x.mul(ramp(x, 1 / 6.0, 0.5))));
        table.single("Mish", 18, with((x, t) -> x.mul(x.getNDArrayInternal().softPlus().tanh())));
        table.single("Swish", 24, with(Activations::swish));
        table.single("ThresholdedRelu", 10, with(Activations::thresholded));
        table.single("Shrink", 9, with(Activations::shrink));
        table.single("Gelu", 20, with(Activations::gelu));
        table.single("PRelu", 7, Activations::parametric);
        table.single("Clip", 6, Activations::clip);
    }

    /** A function of one array and the node's attributes. */
    private interface Function {
        NDArray apply(NDArray array, Attributes told);
    }

    private static Operator.Single with(Function function) {
        return call -> function.apply(call.array(0), call.attributes());
    }

    private static NDArray leaky(NDArray x, Attributes told) {
        return x.getNDArrayInternal().leakyRelu(told.number("alpha", 0.01f));
    }

    private static NDArray selu(NDArray x, Attributes told) {
        NDArray elu = expBelow(x, told.number("alpha", SELU_ALPHA), 1);
        return Native.times(elu, told.number("gamma", SELU_GAMMA));
    }

    private static NDArray celu(NDArray x, Attributes told) {
        float alpha = told.number("alpha", 1);
        return expBelow(x, alpha, alpha);
    }

    /** The array itself above zero, {@code alpha·(exp(x/width) - 1)} below. */
    private static NDArray expBelow(NDArray x, double alpha, double width) {
        NDArray below = Native.times(Native.atMost(x, 0), 1 / width).exp();
        return Native.atLeast(x, 0).add(Native.times(Native.plus(below, -1), alpha));
    }

    private static NDArray hardSigmoid(NDArray x, Attributes told) {
        return ramp(x, told.number("alpha", 0.2f), told.number("beta", 0.5f));
    }

    private static NDArray ramp(NDArray x, double slope, double offset) {
        NDArray line = Native.plus(Native.times(x, slope), offset);
        return Native.atMost(Native.atLeast(line, 0), 1);
    }

    private static NDArray swish(NDArray x, Attributes told) {
        return x.mul(Native.times(x, told.number("alpha", 1)).getNDArrayInternal().sigmoid());
    }

    private static NDArray thresholded(NDArray x, Attributes told) {
        NDArray above = x.gt(Native.number(told.number("alpha", 1), x));
        return Axes.where(above, x, Native.number(0, x));
    }

    private static NDArray shrink(NDArray x, Attributes told) {
        float lambda = told.number("lambd", 0.5f);
        float bias = told.number("bias", 0);
        NDArray zero = Native.number(0, x);
        NDArray low = Axes.where(x.lt(Native.number(-lambda, x)), Native.plus(x, bias), zero);
        return Axes.where(x.gt(Native.number(lambda, x)), Native.plus(x, -bias), low);
    }

    private static NDArray gelu(NDArray x, Attributes told) {
        if (!told.text("approximate", "none").equals("tanh")) {
            return x.getNDArrayInternal().gelu();
        }
        NDArray cubed = Native.times(x.mul(x).mul(x), 0.044715);
        NDArray inner = Native.times(x.add(cubed), Math.sqrt(2 / Math.PI)).tanh();
        return Native.times(x, 0.5).mul(Native.plus(inner, 1));
    }

    private static NDArray parametric(Call call) {
        NDArray x = call.array(0);
        return Native.atLeast(x, 0).add(Native.atMost(x, 0).mul(call.array(1)));
    }

    /** Bounds are attributes up to operator set 10, and inputs since. */
    private static NDArray clip(Call call) {
        NDArray x = call.array(0);
        if (call.has(1)) {
            x = x.maximum(call.array(1));
        } else if (call.attributes().has("min")) {
            x = Native.atLeast(x, call.attributes().number("min", 0));
        }
        if (call.has(2)) {
            return x.minimum(call.array(2));
        }
        return call.attributes().has("max")
                ? Native.atMost(x, call.attributes().number("max", 0))
                : x;
    }
}
