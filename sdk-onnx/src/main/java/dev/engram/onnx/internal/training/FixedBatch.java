package dev.engram.onnx.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The number of samples that a file was exported for, where it states one: batches of other sizes
 * are cut into such, the last one filled up, and the outputs joined. Whoever trains, measures or
 * rehearses need not know it.
 */
public final class FixedBatch {

    /** Relative: a sample's own place in a batch changes how sums are rounded, far less than so. */
    private static final double TOLERANCE = 1e-3;

    private final Path file;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final long size;
    private volatile boolean isChecked;

    FixedBatch(Path file, List<GraphValue> inputs, List<GraphValue> outputs) {
        this.file = file;
        this.inputs = inputs;
        this.outputs = outputs;
        this.size = size(inputs);
    }

    /**
     * What the first axes of all inputs agree on, if the file fixes them all; -1 if not. Single
     * numbers belong to all samples.
     */
    private static long size(List<GraphValue> inputs) {
        long[] sizes =
                inputs.stream()
                        .map(input -> input.dims().orElseGet(() -> new long[] {-1}))
                        .filter(dims -> dims.length > 0)
                        .mapToLong(dims -> dims[0])
                        .distinct()
                        .toArray();
        return sizes.length == 1 && sizes[0] > 0 ? sizes[0] : -1;
    }

    /**
     * Runs a batch.
     *
     * @param pass runs the graph on as many samples as the file takes
     * @throws OnnxException if an output cannot be cut, or samples see each other
     */
    public NDList run(NDList given, boolean training, GraphPass pass) {
        long samples = samples(given);
        if (samples < 0) {
            return pass.run(given, training);
        }
        NDManager outer = given.head().getManager();
        try (NDManager own = outer.newSubManager()) {
            requireApart(given, samples, pass, own);
            List<NDList> parts = new ArrayList<>();
            for (long from = 0; from < samples; from += size) {
                long count = Math.min(size, samples - from);
                NDList piece = piece(given, from, count, own);
                parts.add(kept(pass.run(piece, training), count));
            }
            NDList joined = joined(parts);
            joined.attach(outer);
            return joined;
        }
    }

    /** Returns the batch as the file takes it: in pieces of its size. */
    public List<NDList> pieces(NDList given, NDManager own) {
        long samples = samples(given);
        if (samples < 0) {
            return List.of(given);
        }
        List<NDList> pieces = new ArrayList<>();
        for (long from = 0; from < samples; from += size) {
            pieces.add(piece(given, from, Math.min(size, samples - from), own));
        }
        return pieces;
    }

    /** Returns how many samples a batch has that must be cut, and -1 for any other. */
    private long samples(NDList given) {
        if (size < 0 || given.size() != inputs.size()) {
            return -1;
        }
        long[] others =
                given.stream()
                        .filter(array -> !isWhole(array))
                        .mapToLong(array -> array.size(0))
                        .distinct()
                        .toArray();
        return others.length == 1 && others[0] > 0 ? others[0] : -1;
    }

    /** What has the size of the file beside a batch of another one belongs to all samples. */
    private boolean isWhole(NDArray array) {
        return array.getShape().dimension() == 0 || array.size(0) == size;
    }

    private NDList piece(NDList given, long from, long count, NDManager own) {
        NDList piece = new NDList();
        for (NDArray array : given) {
            NDArray handle = array.reshape(array.getShape());
            handle.attach(own);
            piece.add(isWhole(array) ? handle : filled(rows(handle, from, count), false));
        }
        return piece;
    }

    private static NDArray rows(NDArray array, long from, long count) {
        return array.get(NDIndex.sliceAxis(0, from, from + count));
    }

    /** Copies of the last sample: whatever the graph computes of them is cut off again. */
    private NDArray filled(NDArray rows, boolean zeros) {
        long missing = size - rows.size(0);
        if (missing == 0) {
            return rows;
        }
        NDArray last = rows(rows, rows.size(0) - 1, 1);
        NDArray filler = zeros ? last.zerosLike() : last;
        return rows.concat(filler.repeat(0, missing), 0);
    }

    /** Cuts off what was computed of the filling. */
    private NDList kept(NDList outputs, long count) {
        long whole = size;
        NDList kept = new NDList();
        for (int i = 0; i < outputs.size(); i++) {
            NDArray output = outputs.get(i);
            Shape shape = output.getShape();
            if (shape.dimension() == 0 || shape.get(0) == 0 || shape.get(0) % whole != 0) {
                throw new OnnxException(
                        "%s was exported for %d samples at once, and gives %s of the shape %s for them, which cannot be joined for batches of other sizes: train on batches of %d, or export it with a dynamic batch (dynamic_axes, dynamic_shapes)"
                                .formatted(file, whole, this.outputs.get(i).name(), shape, whole));
            }
            long rows = shape.get(0) / whole * count;
            kept.add(rows == shape.get(0) ? output : rows(output, 0, rows));
        }
        return kept;
    }

    private NDList joined(List<NDList> parts) {
        NDList joined = new NDList();
        for (int i = 0; i < parts.get(0).size(); i++) {
            int place = i;
            NDList pieces = new NDList(parts.stream().map(part -> part.get(place)).toList());
            NDArray whole = pieces.size() == 1 ? pieces.head() : NDArrays.concat(pieces, 0);
            whole.setName(outputs.get(i).name());
            joined.add(whole);
        }
        return joined;
    }

    /** Looks once, on the host, whether the filling changes what is computed of the samples. */
    private void requireApart(NDList given, long samples, GraphPass pass, NDManager own) {
        long count = samples % size;
        if (count == 0 || isChecked) {
            return;
        }
        NDList last = piece(given, samples - count, count, own);
        NDList zeros = new NDList();
        for (int i = 0; i < last.size(); i++) {
            boolean whole = isWhole(given.get(i));
            zeros.add(whole ? last.get(i) : filled(rows(last.get(i), 0, count), true));
        }
        // Not in training: dropout would tell them apart.
        compare(kept(pass.run(last, false), count), kept(pass.run(zeros, false), count));
        isChecked = true;
    }

    private void compare(NDList one, NDList other) {
        for (int i = 0; i < one.size(); i++) {
            double by =
                    Difference.relative(one.get(i), Difference.numbers(other.get(i)), p -> true);
            if (!(by <= TOLERANCE)) {
                throw new OnnxException(
                        "%s was exported for %d samples at once, and its output %s of a sample depends on the others (by %.3g): train on batches of %d"
                                .formatted(file, size, outputs.get(i).name(), by, size));
            }
        }
    }
}
