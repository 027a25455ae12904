package dev.engram.onnx.internal.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.Scaled;

/** Constants whose memory belongs to the engine, so that autograd may keep pointing at it. */
public final class Native {

    private Native() {}

    /** Returns a number of the type and on the device of another array. */
    public static NDArray number(double value, NDArray like) {
        return number(value, like.getDataType(), like.getManager());
    }

    public static NDArray number(double value, DataType type, NDManager manager) {
        if (type == DataType.INT64 || type == DataType.INT32) {
            return longs(manager, new Shape(), (long) value).toType(type, false);
        }
        if (type == DataType.FLOAT64) {
            return doubles(manager, new Shape(), value);
        }
        return manager.full(new Shape(), (float) value, type);
    }

    public static NDArray longs(NDManager manager, Shape shape, long... values) {
        if (values.length == 0) {
            return manager.zeros(shape, DataType.INT64);
        }
        try (NDArray borrowed = manager.create(values, shape)) {
            return borrowed.duplicate();
        }
    }

    public static NDArray doubles(NDManager manager, Shape shape, double... values) {
        if (values.length == 0) {
            return manager.zeros(shape, DataType.FLOAT64);
        }
        try (NDArray borrowed = manager.create(values, shape)) {
            return borrowed.duplicate();
        }
    }

    /** Returns numbers of the type and on the device of another array. */
    public static NDArray numbers(NDArray like, Shape shape, double... values) {
        NDArray exact = doubles(like.getManager(), shape, values);
        return like.getDataType() == DataType.FLOAT64
                ? exact
                : exact.toType(like.getDataType(), false);
    }

    public static NDArray plus(NDArray array, double value) {
        return value == 0 ? array : array.add(number(value, array));
    }

    public static NDArray times(NDArray array, double value) {
        return value == 1 ? array : Scaled.by(value, array);
    }

    public static NDArray atLeast(NDArray array, double value) {
        return array.maximum(number(value, array));
    }

    public static NDArray atMost(NDArray array, double value) {
        return array.minimum(number(value, array));
    }
}
