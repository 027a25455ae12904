package dev.engram.onnx.internal.operator.shape;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.array.Tensors;
import dev.engram.onnx.internal.model.Attributes;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.program.Bounds;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.Arrays;
import java.util.Optional;

/** Operators that make values: constants, ranges, unit vectors, places of non-zeros. */
public final class Generators {

    private Generators() {}

    public static void register(OperatorTable table) {
        table.single("Constant", 1, Generators::constant);
        table.single("ConstantOfShape", 9, Generators::ofShape).shapedBy(0);
        table.single("Range", 11, Generators::range).shapedBy(0, 1, 2);
        table.single("EyeLike", 9, Generators::eye);
        table.single("OneHot", 9, Generators::oneHot).shapedBy(1);
        table.single("NonZero", 9, Generators::nonZero).shapedBy(0);
        table.add("Dropout", 1, Generators::dropout);
    }

    /** The numbers 0 … size-1. */
    public static NDArray count(NDManager manager, long size) {
        return manager.arange(0, (int) size, 1, DataType.INT64);
    }

    private static NDArray constant(Call call) {
        Attributes told = call.attributes();
        NDManager manager = call.manager();
        Optional<Tensor> tensor = told.tensor("value");
        if (tensor.isPresent()) {
            return Tensors.array(tensor.get(), manager);
        }
        return numbers(told, manager)
                .orElseThrow(
                        () -> new OnnxException(call.node() + " holds no numbers, only " + told));
    }

    private static Optional<NDArray> numbers(Attributes told, NDManager manager) {
        if (told.has("value_int")) {
            return Optional.of(Native.longs(manager, new Shape(), told.integer("value_int", 0)));
        }
        if (told.has("value_ints")) {
            long[] values = told.integers("value_ints").orElseThrow();
            return Optional.of(Native.longs(manager, new Shape(values.length), values));
        }
        if (told.has("value_float")) {
            float value = told.number("value_float", 0);
            return Optional.of(Native.number(value, DataType.FLOAT32, manager));
        }
        return told.numbers("value_floats").map(values -> manager.create(values).duplicate());
    }

    private static NDArray ofShape(Call call) {
        Shape shape = Bounds.modest(call, call.longs(0));
        NDArray value =
                call.attributes()
                        .tensor("value")
                        .map(tensor -> Tensors.array(tensor, call.manager()))
                        .orElseGet(() -> Native.number(0, DataType.FLOAT32, call.manager()));
        return value.reshape(new Shape()).broadcast(shape);
    }

    private static NDArray range(Call call) {
        DataType type = call.value(0).array().getDataType();
        if (!type.isFloating()) {
            return whole(call).toType(type, false);
        }
        double start = call.doubles(0)[0];
        double step = call.doubles(2)[0];
        double steps = Math.ceil((call.doubles(1)[0] - start) / step);
        int size = (int) Bounds.modest(call, (long) Math.max(0, steps)).size();
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = start + i * step;
        }
        return Native.doubles(call.manager(), new Shape(size), values).toType(type, false);
    }

    /** Whole numbers above 2⁵³ are no doubles. */
    private static NDArray whole(Call call) {
        long start = call.longs(0)[0];
        long step = call.longs(2)[0];
        long way = Math.subtractExact(call.longs(1)[0], start);
        long steps = way / step + (way % step == 0 ? 0 : 1);
        boolean leads = Long.signum(way) == Long.signum(step);
        int size = (int) Bounds.modest(call, leads ? steps : 0).size();
        long[] values = new long[size];
        Arrays.setAll(values, i -> start + i * step);
        return Native.longs(call.manager(), new Shape(size), values);
    }

    private static NDArray eye(Call call) {
        Shape shape = Bounds.modest(call, call.shape(0).getShape());
        long diagonal = call.attributes().integer("k", 0);
        NDArray row = count(call.manager(), shape.get(0)).add(diagonal).reshape(shape.get(0), 1);
        NDArray column = count(call.manager(), shape.get(1)).reshape(1, shape.get(1));
        DataType type =
                call.attributes().has("dtype")
                        ? call.heldType(call.attributes().integer("dtype", 1))
                        : call.value(0).array().getDataType();
        return row.eq(column).toType(type, false);
    }

    private static NDArray oneHot(Call call) {
        NDArray places = call.array(0).toType(DataType.INT64, false);
        long depth = call.longs(1)[0];
        Bounds.modest(call, Math.max(1, places.size()), depth);
        int rank = places.getShape().dimension();
        int axis = call.axis(call.attributes().integer("axis", -1), rank + 1);
        NDArray behind = places.lt(0).toType(DataType.INT64, false).mul(depth);
        NDArray classes = Axes.along(count(places.getManager(), depth), axis, rank + 1);
        NDArray hot = places.add(behind).expandDims(axis).eq(classes);
        NDArray values = call.array(2);
        return Axes.where(hot, at(values, 1), at(values, 0));
    }

    private static NDArray at(NDArray values, long place) {
        return Slicing.range(values, 0, place, place + 1).reshape(new Shape());
    }

    private static NDArray nonZero(Call call) {
        NDArray x = call.array(0);
        NDArray flat = x.getShape().dimension() == 0 ? x.reshape(1) : x;
        return flat.nonzero().transpose();
    }

    /** Drops only when training; in a batch that is not, a file cannot ask for noise. */
    private static NDList dropout(Call call) {
        NDArray x = call.array(0);
        float ratio =
                call.has(1) ? (float) call.doubles(1)[0] : call.attributes().number("ratio", 0.5f);
        NDList results = new NDList();
        if (!call.training() || ratio == 0) {
            results.add(x);
            if (call.wants(1)) {
                results.add(x.getManager().ones(x.getShape(), DataType.BOOLEAN));
            }
            return results;
        }
        NDArray ones = x.getManager().ones(x.getShape(), x.getDataType());
        NDArray mask = ones.getNDArrayInternal().dropout(ones, ratio, true).singletonOrThrow();
        results.add(x.mul(mask));
        results.add(mask.neq(Native.number(0, mask)));
        return results;
    }
}
