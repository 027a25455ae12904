package dev.engram.onnx.internal.operator.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.operator.shape.Generators;
import dev.engram.onnx.internal.operator.shape.Slicing;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import org.jspecify.annotations.Nullable;

/** The attention operator of operator set 23: grouped heads, cached keys, masks, soft caps. */
public final class Attention {

    private static final int MASK = 3;
    private static final int PAST_KEY = 4;
    private static final int PAST_VALUE = 5;
    private static final int LENGTHS = 6;

    private final Call call;

    private Attention(Call call) {
        this.call = call;
    }

    public static void register(OperatorTable table) {
        table.add("Attention", 23, call -> new Attention(call).run());
    }

    private NDList run() {
        NDArray query = heads(call.array(0), "q_num_heads");
        NDArray key = appended(PAST_KEY, heads(call.array(1), "kv_num_heads"));
        NDArray value = appended(PAST_VALUE, heads(call.array(2), "kv_num_heads"));
        long shared = query.getShape().get(1) / key.getShape().get(1);
        NDArray raw = scores(query, repeated(key, shared));
        NDArray capped = capped(raw);
        NDArray bias = bias(query, key);
        NDArray masked = bias == null ? capped : capped.add(bias);
        NDArray shares = shares(masked, bias != null);
        NDArray result = shares.matMul(repeated(value, shared));
        return new NDList(joined(result), key, value, seen(raw, capped, masked, shares));
    }

    private NDArray scores(NDArray query, NDArray key) {
        double width = query.getShape().get(3);
        double scale = call.attributes().number("scale", (float) (1 / Math.sqrt(width)));
        NDArray turned = Native.times(key, Math.sqrt(scale)).swapAxes(2, 3);
        return Native.times(query, Math.sqrt(scale)).matMul(turned);
    }

    private NDArray seen(NDArray raw, NDArray capped, NDArray masked, NDArray shares) {
        return switch ((int) call.attributes().integer("qk_matmul_output_mode", 0)) {
            case 0 -> raw;
            case 1 -> capped;
            case 2 -> masked;
            default -> shares;
        };
    }

    /** Splits the last axis of a three-dimensional input into heads. */
    private NDArray heads(NDArray x, String count) {
        if (x.getShape().dimension() == 4) {
            return x;
        }
        long heads = call.attributes().integer(count, 1);
        long[] dims = x.getShape().getShape();
        return x.reshape(dims[0], dims[1], heads, dims[2] / heads).swapAxes(1, 2);
    }

    private NDArray joined(NDArray result) {
        if (call.shape(0).dimension() == 4) {
            return result;
        }
        long[] dims = result.getShape().getShape();
        return result.swapAxes(1, 2).reshape(dims[0], dims[2], dims[1] * dims[3]);
    }

    private NDArray appended(int past, NDArray present) {
        return call.has(past) ? NDArrays.concat(new NDList(call.array(past), present), 2) : present;
    }

    private static NDArray repeated(NDArray x, long times) {
        if (times == 1) {
            return x;
        }
        long[] d = x.getShape().getShape();
        return x.expandDims(2)
                .broadcast(new Shape(d[0], d[1], times, d[2], d[3]))
                .reshape(d[0], d[1] * times, d[2], d[3]);
    }

    private NDArray capped(NDArray scores) {
        float cap = call.attributes().number("softcap", 0);
        return cap > 0 ? Native.times(Native.times(scores, 1 / cap).tanh(), cap) : scores;
    }

    private @Nullable NDArray bias(NDArray query, NDArray key) {
        long queries = query.getShape().get(2);
        long keys = key.getShape().get(2);
        NDArray bias = call.has(MASK) ? mask(query, keys) : null;
        if (call.attributes().integer("is_causal", 0) != 0) {
            bias = plus(bias, forbidding(causal(queries, keys), query));
        }
        if (call.has(LENGTHS)) {
            NDArray column = Generators.count(query.getManager(), keys);
            NDArray valid = column.reshape(1, 1, 1, keys).lt(lengths());
            bias = plus(bias, forbidding(valid, query));
        }
        return bias;
    }

    private static NDArray plus(@Nullable NDArray bias, NDArray more) {
        return bias == null ? more : bias.add(more);
    }

    private NDArray lengths() {
        NDArray lengths = call.array(LENGTHS).toType(DataType.INT64, false);
        return lengths.reshape(lengths.size(), 1, 1, 1);
    }

    private NDArray mask(NDArray query, long keys) {
        NDArray mask = call.array(MASK);
        NDArray bias = mask.getDataType() == DataType.BOOLEAN ? forbidding(mask, query) : mask;
        int last = bias.getShape().dimension() - 1;
        NDArray never = Native.number(Double.NEGATIVE_INFINITY, bias);
        return Slicing.filled(bias, last, 0, keys - bias.getShape().get(last), never);
    }

    /** Zero where attention is allowed, minus infinity elsewhere. */
    private static NDArray forbidding(NDArray allowed, NDArray like) {
        NDArray never = Native.number(Double.NEGATIVE_INFINITY, like);
        return Axes.where(allowed, Native.number(0, like), never);
    }

    /** A query sees the keys before it; how many those are, the cache says. */
    private NDArray causal(long queries, long keys) {
        NDArray row = Generators.count(call.manager(), queries).reshape(queries, 1);
        NDArray column = Generators.count(call.manager(), keys).reshape(1, keys);
        if (call.has(PAST_KEY) || !call.has(LENGTHS)) {
            long past = call.has(PAST_KEY) ? call.shape(PAST_KEY).get(2) : 0;
            return column.lte(row.add(past));
        }
        return column.lte(row.add(lengths().sub(queries)));
    }

    /** A row in which nothing is allowed has no shares, rather than shares that are no numbers. */
    private NDArray shares(NDArray scores, boolean masked) {
        DataType type = scores.getDataType();
        NDArray wide = scores;
        if (call.attributes().has("softmax_precision")) {
            long precision = call.attributes().integer("softmax_precision", 1);
            wide = Casts.to(scores, call.heldType(precision));
        }
        return Casts.to(masked ? sharesOfAllowed(wide) : wide.softmax(-1), type);
    }

    private static NDArray sharesOfAllowed(NDArray scores) {
        int last = scores.getShape().dimension() - 1;
        NDArray zero = Native.number(0, scores);
        NDArray best = scores.stopGradient().max(new int[] {last}, true);
        NDArray never = best.eq(Native.number(Double.NEGATIVE_INFINITY, best));
        return Axes.where(never, zero, Axes.where(never, zero, scores).softmax(-1));
    }
}
