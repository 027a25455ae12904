package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.Scaled;

/** Constants whose memory belongs to the engine, so that autograd may keep pointing at it. */
final class Native {

    private Native() {}

    /** Returns a number of the type and on the device of another array. */
    static NDArray number(double value, NDArray like) {
        return number(value, like.getDataType(), like.getManager());
    }

    static NDArray number(double value, DataType type, NDManager manager) {
        if (type == DataType.INT64 || type == DataType.INT32) {
            return longs(manager, new Shape(), (long) value).toType(type, false);
        }
        if (type == DataType.FLOAT64) {
            return doubles(manager, new Shape(), value);
        }
        return manager.full(new Shape(), (float) value, type);
    }

    static NDArray longs(NDManager manager, Shape shape, long... values) {
        if (values.length == 0) {
            return manager.zeros(shape, DataType.INT64);
        }
        try (NDArray borrowed = manager.create(values, shape)) {
            return borrowed.duplicate();
        }
    }

    static NDArray doubles(NDManager manager, Shape shape, double... values) {
        if (values.length == 0) {
            return manager.zeros(shape, DataType.FLOAT64);
        }
        try (NDArray borrowed = manager.create(values, shape)) {
            return borrowed.duplicate();
        }
    }

    /** Returns numbers of the type and on the device of another array. */
    static NDArray numbers(NDArray like, Shape shape, double... values) {
        NDArray exact = doubles(like.getManager(), shape, values);
        return like.getDataType() == DataType.FLOAT64
                ? exact
                : exact.toType(like.getDataType(), false);
    }

    static NDArray plus(NDArray array, double value) {
        return value == 0 ? array : array.add(number(value, array));
    }

    static NDArray times(NDArray array, double value) {
        return value == 1 ? array : Scaled.by(value, array);
    }

    static NDArray atLeast(NDArray array, double value) {
        return array.maximum(number(value, array));
    }

    static NDArray atMost(NDArray array, double value) {
        return array.minimum(number(value, array));
    }
}
