package dev.engram.onnx.internal.operator.normalization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Operators that bring values to one mean, one spread or one length. */
public final class Normalization {

    private Normalization() {}

    public static void register(OperatorTable table) {
        table.add("BatchNormalization", 9, Normalization::batch);
        table.add("LayerNormalization", 17, Normalization::layer);
        table.single("RMSNormalization", 23, Normalization::rootMeanSquare);
        table.single("InstanceNormalization", 6, Normalization::instance);
        table.single("GroupNormalization", 18, Normalization::groupScaled);
        table.single("GroupNormalization", 21, Normalization::group);
        table.single("LpNormalization", 1, Normalization::length);
        table.single("LRN", 1, Normalization::acrossChannels);
    }

    private static double epsilon(Call call) {
        return call.attributes().number("epsilon", 1e-5f);
    }

    private static NDArray channels(NDArray vector, NDArray like) {
        return Axes.along(vector, 1, like.getShape().dimension());
    }

    /** Uses the file's statistics, unless the file itself asks for those of the batch. */
    private static NDList batch(Call call) {
        NDArray x = call.array(0);
        boolean ofBatch = call.attributes().integer("training_mode", 0) != 0;
        NDArray mean = call.array(3);
        NDArray variance = call.array(4);
        if (!ofBatch) {
            return new NDList(scaled(call, x, mean, variance));
        }
        return ofBatch(call, x, mean, variance);
    }

    private static NDList ofBatch(Call call, NDArray x, NDArray mean, NDArray variance) {
        int[] axes =
                IntStream.range(0, x.getShape().dimension()).filter(axis -> axis != 1).toArray();
        NDArray seen = Reductions.mean(x, axes);
        NDArray apart = x.sub(seen);
        NDArray spread = Reductions.mean(apart.mul(apart), axes);
        double momentum = call.attributes().number("momentum", 0.9f);
        return new NDList(
                scaled(call, x, seen.flatten(), spread.flatten()),
                blend(mean, seen.flatten(), momentum),
                blend(variance, spread.flatten(), momentum));
    }

    private static NDArray blend(NDArray old, NDArray seen, double momentum) {
        return Native.times(old, momentum).add(Native.times(seen, 1 - momentum));
    }

    private static NDArray scaled(Call call, NDArray x, NDArray mean, NDArray variance) {
        NDArray factor = call.array(1).div(Native.plus(variance, epsilon(call)).sqrt());
        NDArray offset = call.array(2).sub(mean.mul(factor));
        return x.mul(channels(factor, x)).add(channels(offset, x));
    }

    private static NDList layer(Call call) {
        NDArray x = call.array(0);
        int rank = x.getShape().dimension();
        int axis = call.axis("axis", -1);
        Shape inner = new Shape(Arrays.copyOfRange(x.getShape().getShape(), axis, rank));
        boolean plain = call.has(2) && call.outputs() == 1 && call.shape(1).equals(inner);
        if (plain && call.shape(2).equals(inner) && x.getDataType() == DataType.FLOAT32) {
            return x.getNDArrayInternal()
                    .layerNorm(x, inner, call.array(1), call.array(2), (float) epsilon(call));
        }
        return layer(call, x, IntStream.range(axis, rank).toArray());
    }

    private static NDList layer(Call call, NDArray x, int... axes) {
        NDArray wide = stashed(call, x);
        NDArray mean = Reductions.mean(wide, axes);
        NDArray apart = wide.sub(mean);
        NDArray variance = Reductions.mean(apart.mul(apart), axes);
        NDArray inverse = inverse(variance, epsilon(call));
        NDArray result = Casts.to(apart.mul(inverse), x.getDataType()).mul(call.array(1));
        NDArray moved = call.has(2) ? result.add(call.array(2)) : result;
        return new NDList(moved, mean, inverse);
    }

    private static NDArray stashed(Call call, NDArray x) {
        long stash = call.attributes().integer("stash_type", 1);
        return x.getDataType() == DataType.FLOAT16 ? Casts.to(x, call.heldType(stash)) : x;
    }

    private static NDArray inverse(NDArray variance, double epsilon) {
        return Native.number(1, variance).div(Native.plus(variance, epsilon).sqrt());
    }

    private static NDArray rootMeanSquare(Call call) {
        NDArray x = call.array(0);
        int[] axes = IntStream.range(call.axis("axis", -1), x.getShape().dimension()).toArray();
        NDArray wide = stashed(call, x);
        NDArray inverse = inverse(Reductions.mean(wide.mul(wide), axes), epsilon(call));
        return Casts.to(wide.mul(inverse), x.getDataType()).mul(call.array(1));
    }

    private static NDArray centred(NDArray x, double epsilon, int... axes) {
        NDArray apart = x.sub(Reductions.mean(x, axes));
        return apart.mul(inverse(Reductions.mean(apart.mul(apart), axes), epsilon));
    }

    private static NDArray instance(Call call) {
        NDArray x = call.array(0);
        int[] axes = IntStream.range(2, x.getShape().dimension()).toArray();
        return centred(x, epsilon(call), axes)
                .mul(channels(call.array(1), x))
                .add(channels(call.array(2), x));
    }

    private static NDArray grouped(Call call) {
        NDArray x = call.array(0);
        long groups = call.attributes().integer("num_groups", 1);
        NDArray rows = x.reshape(x.getShape().get(0), groups, -1);
        return centred(rows, epsilon(call), 2).reshape(x.getShape());
    }

    private static NDArray group(Call call) {
        NDArray x = grouped(call);
        return x.mul(channels(call.array(1), x)).add(channels(call.array(2), x));
    }

    /** Up to operator set 20 there is one scale a group, not one a channel. */
    private static NDArray groupScaled(Call call) {
        NDArray x = grouped(call);
        long each = x.getShape().get(1) / call.attributes().integer("num_groups", 1);
        return x.mul(channels(call.array(1).repeat(0, each), x))
                .add(channels(call.array(2).repeat(0, each), x));
    }

    private static NDArray length(Call call) {
        NDArray x = call.array(0);
        int axis = call.axis("axis", -1);
        boolean plain = call.attributes().integer("p", 2) == 1;
        NDArray sum = Reductions.sum(plain ? x.abs() : x.mul(x), axis);
        NDArray length = plain ? sum : sum.sqrt();
        NDArray zero = Native.number(0, x);
        NDArray divisor = Axes.where(length.eq(zero), Native.number(1, x), length);
        return x.div(divisor);
    }

    private static NDArray acrossChannels(Call call) {
        NDArray x = call.array(0);
        long size = call.attributes().integer("size", 1);
        long channels = x.getShape().get(1);
        NDArray zero = Native.number(0, x);
        NDArray wide = Slicing.filled(x.mul(x), 1, (size - 1) / 2, size / 2, zero);
        NDArray sum = Slicing.range(wide, 1, 0, channels);
        for (long i = 1; i < size; i++) {
            sum = sum.add(Slicing.range(wide, 1, i, i + channels));
        }
        double alpha = call.attributes().number("alpha", 1e-4f);
        NDArray base =
                Native.plus(Native.times(sum, alpha / size), call.attributes().number("bias", 1));
        NDArray beta = Native.number(call.attributes().number("beta", 0.75f), x);
        return x.div(base.pow(beta));
    }
}
