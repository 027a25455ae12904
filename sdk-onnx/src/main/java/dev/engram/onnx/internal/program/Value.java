package dev.engram.onnx.internal.program;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What flows between nodes. A value that is known before the batch is computed on the host, once;
 * its copies on other devices, and its numbers as the host reads them, are kept.
 */
public final class Value {

    private final NDArray array;
    private final boolean known;
    private final Map<Device, NDArray> copies = new ConcurrentHashMap<>();
    private long @Nullable [] longs;

    private Value(NDArray array, boolean known) {
        this.array = array;
        this.known = known;
    }

    static Value known(NDArray array) {
        return new Value(array, true);
    }

    public static Value ofBatch(NDArray array) {
        return new Value(array, false);
    }

    public boolean isKnown() {
        return known;
    }

    public NDArray array() {
        return array;
    }

    public NDArray on(Device device) {
        if (!known || array.getDevice().equals(device)) {
            return array;
        }
        return copies.computeIfAbsent(
                device,
                d -> {
                    NDArray copy = array.toDevice(d, true);
                    copy.attach(array.getManager());
                    ai.djl.ndarray.NDScope.unregister(copy);
                    return copy;
                });
    }

    /** Returns the values as whole numbers; waits for the device unless they are known. */
    public long[] longs() {
        long[] seen = longs;
        if (seen == null) {
            seen = read();
            longs = known ? seen : null;
        }
        return seen;
    }

    private long[] read() {
        if (array.size() == 0) {
            return new long[0];
        }
        try (NDArray wide = array.toType(DataType.INT64, true)) {
            return wide.toLongArray();
        }
    }

    public double[] doubles() {
        if (array.size() == 0) {
            return new double[0];
        }
        try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }
}
