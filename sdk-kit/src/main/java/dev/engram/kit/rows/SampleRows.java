package dev.engram.kit.rows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.function.UnaryOperator;

/**
 * Which rows of an array belong to which sample of a batch.
 *
 * <p>An array of {@code k} times as many rows as there are samples has {@code k} rows a sample,
 * those of one sample together: what {@code (samples, k, ...)} becomes when its first two
 * dimensions are made one. All that is done here keeps gradients.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SampleRows {

    private SampleRows() {}

    /**
     * Returns how many rows an array has a sample, 0 if they cannot be told apart: it is a scalar,
     * or its rows are no multiple of the samples.
     */
    public static long perSample(NDArray array, long samples) {
        Shape shape = array.getShape();
        if (shape.dimension() == 0 || samples < 1 || shape.get(0) % samples != 0) {
            return 0;
        }
        return shape.get(0) / samples;
    }

    /** Returns the rows of some samples, {@code from} to before {@code to} of {@code samples}. */
    public static NDArray of(NDArray array, long samples, long from, long to) {
        long rows = perSample(array, samples);
        if (rows == 0) {
            throw new EngramException(
                    "Cannot tell which rows of an array of shape %s belong to which of %d samples"
                            .formatted(array.getShape(), samples));
        }
        return from == 0 && to == samples ? array : array.get(from * rows + ":" + to * rows);
    }

    /** Returns the rows of some samples of each array, with its name. */
    public static NDList of(NDList arrays, long samples, long from, long to) {
        NDList cut = new NDList();
        for (NDArray array : arrays) {
            NDArray some = of(array, samples, from, to);
            some.setName(array.getName());
            cut.add(some);
        }
        return cut;
    }

    /**
     * Runs a model that takes {@code size} samples a pass on any number of them: in pieces, the
     * last filled up with its last sample again, whose outputs are cut off.
     *
     * @param inputs the samples in the first dimension of each array
     */
    public static NDList inPieces(NDList inputs, int size, UnaryOperator<NDList> pass) {
        long samples = inputs.head().getShape().get(0);
        if (samples == size) {
            return pass.apply(new NDList(inputs));
        }
        NDList joined = new NDList();
        for (long from = 0; from < samples; from += size) {
            long to = Math.min(samples, from + size);
            NDList outputs = pass.apply(filled(of(inputs, samples, from, to), to - from, size));
            append(joined, of(outputs, size, 0, to - from));
        }
        return joined;
    }

    private static NDList filled(NDList piece, long samples, int size) {
        if (samples == size) {
            return piece;
        }
        NDList whole = new NDList();
        for (NDArray array : piece) {
            NDArray last = of(array, samples, samples - 1, samples);
            NDList parts = new NDList(array);
            for (long i = samples; i < size; i++) {
                parts.add(last);
            }
            NDArray full = NDArrays.concat(parts);
            full.setName(array.getName());
            whole.add(full);
        }
        return whole;
    }

    private static void append(NDList joined, NDList outputs) {
        if (joined.isEmpty()) {
            joined.addAll(outputs);
            return;
        }
        for (int i = 0; i < joined.size(); i++) {
            joined.set(i, joined.get(i).concat(outputs.get(i)));
        }
    }
}
