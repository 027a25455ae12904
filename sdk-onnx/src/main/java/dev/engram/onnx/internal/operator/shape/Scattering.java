package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Values put at an index. Where several meet in one place and are to be combined, they are put
 * there in rounds, one of each place at a time: DJL has no scatter that combines.
 */
public final class Scattering {

    private Scattering() {}

    public static void register(OperatorTable table) {
        table.single("ScatterElements", 11, Scattering::elements);
        table.single("Scatter", 9, Scattering::elements);
        table.single("ScatterND", 11, Scattering::cells);
    }

    private static NDArray elements(Call call) {
        NDArray x = call.array(0);
        NDArray updates = call.array(2);
        int axis = call.axis("axis", 0);
        long size = x.getShape().get(axis);
        String reduction = call.attributes().text("reduction", "none");
        if (reduction.equals("none")) {
            NDArray places = Indices.front(call.array(1), size);
            return Indices.explained(call, () -> x.scatter(places, updates, axis), size);
        }
        return Indices.explained(call, () -> combined(call, axis, reduction), size);
    }

    private static NDArray combined(Call call, int axis, String reduction) {
        NDArray x = call.array(0);
        NDArray updates = call.array(2);
        NDArray places = Indices.strict(call.array(1), x.getShape().get(axis), -x.size());
        NDArray linear = linear(places, axis, x.getShape());
        NDArray flat = x.reshape(new Shape(x.size(), 1));
        return inRounds(flat, linear, updates.reshape(-1, 1), combine(reduction))
                .reshape(x.getShape());
    }

    /** The place in the flattened array of each element of an index along one axis. */
    private static NDArray linear(NDArray places, int axis, Shape shape) {
        NDArray linear = Native.longs(places.getManager(), new Shape(), 0);
        int rank = shape.dimension();
        for (int i = 0; i < rank; i++) {
            NDArray part =
                    i == axis
                            ? places
                            : Axes.along(
                                    Generators.count(places.getManager(), places.getShape().get(i)),
                                    i,
                                    rank);
            linear = linear.mul(shape.get(i)).add(part);
        }
        return linear.reshape(new Shape(places.size()));
    }

    private static NDArray cells(Call call) {
        long[] index = call.shape(1).getShape();
        int depth = (int) index[index.length - 1];
        long[] dims = Arrays.copyOf(call.shape(0).getShape(), depth);
        return Indices.explained(call, () -> cells(call, depth), dims);
    }

    private static NDArray cells(Call call, int depth) {
        NDArray x = call.array(0);
        long[] dims = x.getShape().getShape();
        NDArray linear = Gathering.linear(call.array(1), -x.size(), Arrays.copyOf(dims, depth));
        linear = linear.reshape(new Shape(linear.size()));
        long cell = Gathering.product(dims, depth, dims.length);
        NDArray table = x.reshape(new Shape(x.size() / cell, cell));
        NDArray updates = call.array(2).reshape(new Shape(linear.size(), cell));
        String reduction = call.attributes().text("reduction", "none");
        NDArray result =
                reduction.equals("none")
                        ? put(table, linear, updates)
                        : inRounds(table, linear, updates, combine(reduction));
        return result.reshape(x.getShape());
    }

    private static NDArray put(NDArray table, NDArray rows, NDArray updates) {
        return table.scatter(
                rows.reshape(rows.size(), 1).broadcast(updates.getShape()), updates, 0);
    }

    private static BinaryOperator<NDArray> combine(String reduction) {
        return switch (reduction) {
            case "add" -> NDArray::add;
            case "mul" -> NDArray::mul;
            case "max" -> NDArray::maximum;
            case "min" -> NDArray::minimum;
            default -> throw new IllegalArgumentException("the reduction " + reduction);
        };
    }

    private static NDArray inRounds(
            NDArray table, NDArray rows, NDArray updates, BinaryOperator<NDArray> combine) {
        NDArray result = table;
        for (long[] round : rounds(rows.toLongArray())) {
            NDArray places = Gathering.take(rows, 0, round);
            NDArray before = Gathering.take(result, 0, places);
            NDArray after = combine.apply(before, Gathering.take(updates, 0, round));
            result = put(result, places, after);
        }
        return result;
    }

    private static List<long[]> rounds(long... rows) {
        Map<Long, Integer> seen = new HashMap<>();
        List<List<Long>> rounds = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            int round = seen.merge(rows[i], 1, Integer::sum) - 1;
            if (round == rounds.size()) {
                rounds.add(new ArrayList<>());
            }
            rounds.get(round).add((long) i);
        }
        return rounds.stream().map(r -> r.stream().mapToLong(i -> i).toArray()).toList();
    }
}
