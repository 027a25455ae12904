package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;

/**
 * In what form inputs are kept; labels and predictions are always kept as they are.
 *
 * <p>Only float32 inputs change their form; other types are kept as they are.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Storage {

    private static final int LEVELS = 255;

    private final DataType type;
    private final double low;
    private final double high;

    private Storage(DataType type, double low, double high) {
        this.type = type;
        this.low = low;
        this.high = high;
    }

    /** Returns storage of the values as they are, without loss. */
    public static Storage asIs() {
        return new Storage(DataType.FLOAT32, 0, 0);
    }

    /** Returns half precision: half the bytes, a relative error up to 2^-11 within ±65504. */
    public static Storage half() {
        return new Storage(DataType.FLOAT16, -65504, 65504);
    }

    /**
     * Returns one byte a value: a quarter of the bytes, an absolute error up to {@code (high -
     * low)/510}; MNIST's pixels, k/255 in [0, 1], come back but for rounding.
     *
     * @throws InvalidOptionException if {@code low} is not below {@code high}
     */
    public static Storage uint8(double low, double high) {
        if (!(low < high)) {
            throw new InvalidOptionException(
                    "uint8 storage from %s to %s: give the least and the greatest input"
                            .formatted(low, high));
        }
        return new Storage(DataType.UINT8, low, high);
    }

    /**
     * Checks that values fit, which waits for the device; later ones outside are set to the bound.
     *
     * @throws EngramException if a value lies outside, or already has the type of the storage
     */
    void require(NDList data) {
        for (NDArray array : data) {
            if (isExact()) {
                continue;
            }
            if (array.getDataType() == type) {
                throw new EngramException(
                        "Replay storage %s: an input is of that type already; keep it as it is"
                                .formatted(type));
            }
            if (array.getDataType() == DataType.FLOAT32) {
                requireWithin(array);
            }
        }
    }

    /** Returns the stored form of data, owned by {@code manager}. */
    NDList encode(NDList data, NDManager manager) {
        NDList encoded = new NDList();
        for (NDArray array : data) {
            encoded.add(changes(array) ? encode(array, manager) : array);
        }
        return encoded;
    }

    /** Returns the data of a stored form, owned by {@code manager}. */
    NDList decode(NDList stored, NDManager manager) {
        NDList data = new NDList();
        for (NDArray array : stored) {
            boolean was = !isExact() && array.getDataType() == type;
            data.add(was ? decode(array, manager) : array);
        }
        return data;
    }

    @Override
    public String toString() {
        return isExact() ? "they are" : "%s from %s to %s".formatted(type, low, high);
    }

    private boolean isExact() {
        return type == DataType.FLOAT32;
    }

    private boolean changes(NDArray array) {
        return !isExact() && array.getDataType() == DataType.FLOAT32;
    }

    private NDArray encode(NDArray array, NDManager manager) {
        NDArray encoded;
        if (type == DataType.FLOAT16) {
            try (NDArray bounded = array.clip(low, high)) {
                encoded = bounded.toType(type, true);
            }
        } else {
            try (NDArray shifted = array.sub(low)) {
                shifted.muli(LEVELS / (high - low));
                try (NDArray rounded = shifted.round();
                        NDArray bounded = rounded.clip(0, LEVELS)) {
                    encoded = bounded.toType(type, true);
                }
            }
        }
        encoded.attach(manager);
        encoded.setName(array.getName());
        return encoded;
    }

    private NDArray decode(NDArray stored, NDManager manager) {
        NDArray decoded = stored.toType(DataType.FLOAT32, true);
        if (type == DataType.UINT8) {
            decoded.muli((high - low) / LEVELS);
            decoded.addi(low);
        }
        decoded.attach(manager);
        decoded.setName(stored.getName());
        return decoded;
    }

    private void requireWithin(NDArray array) {
        try (NDArray least = array.min();
                NDArray most = array.max()) {
            if (least.getFloat() < low || most.getFloat() > high) {
                throw new EngramException(
                        "Replay storage %s holds values from %s to %s, but inputs go from %s to %s: state their"
                                        .formatted(
                                                type, low, high, least.getFloat(), most.getFloat())
                                + " range, or keep them as they are");
            }
        }
    }
}
