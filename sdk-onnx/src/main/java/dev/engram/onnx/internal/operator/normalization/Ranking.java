package dev.engram.onnx.internal.operator.normalization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Casts;
import dev.engram.onnx.internal.operator.shape.Generators;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;

/** What depends on the order of values. */
public final class Ranking {

    /**
     * Up to here every pair is compared, so that equal values come in the order of their places.
     */
    private static final long PAIRWISE = 1024;

    private Ranking() {}

    public static void register(OperatorTable table) {
        table.add("TopK", 1, Ranking::topK).shapedBy(1);
        table.single("CumSum", 11, Ranking::cumulative);
    }

    private static NDList topK(Call call) {
        NDArray x = call.array(0);
        int axis = call.axis("axis", -1);
        int k = (int) (call.has(1) ? call.longs(1)[0] : call.attributes().integer("k", 1));
        boolean largest = call.attributes().integer("largest", 1) != 0;
        if (x.getShape().get(axis) > PAIRWISE) {
            return x.topK(k, axis, largest, true);
        }
        NDArray places = places(x, axis, k, largest);
        return new NDList(x.gather(places, axis), places);
    }

    /** The rank of a value is the number of those before it; its place is where its rank is. */
    private static NDArray places(NDArray x, int axis, int k, boolean largest) {
        int last = x.getShape().dimension() - 1;
        long size = x.getShape().get(axis);
        NDArray moved = Axes.move(x, axis, last).stopGradient();
        NDArray self = moved.expandDims(last + 1);
        NDArray other = moved.expandDims(last);
        NDArray count = Generators.count(x.getManager(), size);
        NDArray earlier = count.reshape(1, size).lt(count.reshape(size, 1));
        NDArray tied = other.eq(self).logicalAnd(earlier);
        NDArray before = (largest ? other.gt(self) : other.lt(self)).logicalOr(tied);
        NDArray rank = before.toType(DataType.INT64, false).sum(new int[] {last + 1});
        NDArray wanted = Axes.along(Generators.count(x.getManager(), k), last, last + 2);
        NDArray at = rank.expandDims(last).eq(wanted.reshape(wanted.size(), 1));
        NDArray places = at.toType(DataType.INT64, false).argMax(last + 1);
        return Axes.move(places, last, axis);
    }

    private static NDArray cumulative(Call call) {
        NDArray x = call.array(0);
        int axis = call.axis(call.longs(1)[0], x.getShape().dimension());
        boolean reverse = call.attributes().integer("reverse", 0) != 0;
        NDArray seen = reverse ? x.flip(axis) : x;
        NDArray sum = Casts.to(seen.cumSum(axis), x.getDataType());
        if (call.attributes().integer("exclusive", 0) != 0) {
            sum = sum.sub(seen);
        }
        return reverse ? sum.flip(axis) : sum;
    }
}
