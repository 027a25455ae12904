package dev.engram.analytic.internal.sums;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Collects features and labels until there are enough for a fast product, and adds them to sums.
 *
 * <p>Only then it looks at them on the host: once for many batches.
 */
public final class RowBuffer implements AutoCloseable {

    private static final int ROWS = 1024;

    private final HeadStatistics sums;
    private final int mostClasses;
    private final Precision precision;
    private final NDManager kept;
    private @Nullable NDArray features;
    private @Nullable NDArray labels;
    private int rows;

    /**
     * Creates it.
     *
     * @param sums get what was collected
     * @param mostClasses how many outputs the head can have
     */
    public RowBuffer(HeadStatistics sums, int mostClasses, NDManager manager) {
        this(sums, mostClasses, Precision.DOUBLE, manager);
    }

    /** As above, with products in a precision. */
    public RowBuffer(HeadStatistics sums, int mostClasses, Precision precision, NDManager manager) {
        this.sums = sums;
        this.mostClasses = mostClasses;
        this.precision = precision;
        this.kept = manager.newSubManager();
        this.kept.setName("engram rows");
    }

    public HeadStatistics sums() {
        return sums;
    }

    /**
     * Takes copies of some samples.
     *
     * @param features in the last dimension
     * @param labels as many classes as there are feature vectors
     */
    public void add(NDArray features, NDArray labels) {
        long count = features.size() / sums.width();
        requireFit(features, labels, count);
        try (NDManager scratch = kept.newSubManager()) {
            NDArray cut = in(scratch, features.stopGradient());
            NDArray flat = in(scratch, cut.reshape(new Shape(count, sums.width())));
            NDArray classes = in(scratch, labels.reshape(new Shape(count)));
            for (long from = 0; from < count; ) {
                long to = Math.min(count, from + ROWS - rows);
                NDIndex some = new NDIndex("{}:{}", from, to);
                append(in(scratch, flat.get(some)), in(scratch, classes.get(some)), scratch);
                from = to;
            }
        }
    }

    private void append(NDArray some, NDArray classes, NDManager scratch) {
        if (features == null || labels == null) {
            DataType type =
                    some.getDataType() == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
            features = kept.create(new Shape(ROWS, sums.width()), type);
            labels = kept.create(new Shape(ROWS), DataType.FLOAT64);
        }
        int end = rows + (int) some.getShape().get(0);
        NDIndex place = new NDIndex("{}:{}", rows, end);
        features.set(place, in(scratch, some.toType(features.getDataType(), true)));
        labels.set(place, in(scratch, classes.toType(DataType.FLOAT64, true)));
        rows = end;
        if (rows == ROWS) {
            flush();
        }
    }

    private static NDArray in(NDManager scratch, NDArray made) {
        made.attach(scratch);
        return made;
    }

    private void requireFit(NDArray seen, NDArray labels, long count) {
        Shape shape = seen.getShape();
        if (shape.dimension() < 2 || shape.get(shape.dimension() - 1) != sums.width()) {
            throw new EngramException(
                    "The features have shape %s, but the sums are over %d features a sample: the last dimension must be that"
                            .formatted(shape, sums.width()));
        }
        if (labels.size() != count) {
            throw new EngramException(
                    "%d feature vectors came with %d labels (shape %s): give each the number of its class"
                            .formatted(count, labels.size(), labels.getShape()));
        }
    }

    /**
     * Adds what was collected to the sums; waits for the device.
     *
     * @throws EngramException if a label is no class of the head or a feature is not finite; what
     *     was collected since the last time is dropped then
     */
    public void flush() {
        if (rows == 0 || features == null || labels == null) {
            return;
        }
        NDIndex filled = new NDIndex(":{}", rows);
        rows = 0;
        try (NDManager scratch = kept.newSubManager()) {
            int[] read = classes(in(scratch, labels.get(filled)).toDoubleArray());
            NDArray all = in(scratch, features.get(filled));
            requireFinite(all);
            DataType type = precision.of(all.getDataType());
            sums.add(in(scratch, all.toType(type, true)), read);
        }
    }

    private int[] classes(double[] read) {
        for (double label : read) {
            if (label != Math.rint(label) || label < 0) {
                throw new EngramException(
                        "A label is "
                                + label
                                + ", but a solved head needs classes: 0, 1, 2, ...; one a sample");
            }
            if (label >= mostClasses) {
                throw new EngramException(
                        "A label is class %d, but the model's last layer has %d outputs, for classes 0 to %d. Outputs cost next to nothing here: build the layer with as many units as there may ever be classes."
                                .formatted((long) label, mostClasses, mostClasses - 1));
            }
        }
        return IntStream.range(0, read.length).map(i -> (int) read[i]).toArray();
    }

    private static void requireFinite(NDArray rows) {
        try (NDArray sum = rows.sum();
                NDArray wide = sum.toType(DataType.FLOAT64, true)) {
            if (!Double.isFinite(wide.getDouble())) {
                throw new EngramException(
                        "The base gave features that are not finite: nothing was learnt from this"
                                + " task. Look for NaN in its inputs, and at the base's own"
                                + " weights.");
            }
        }
    }

    /** Drops what was collected and not yet added; the sums stay. */
    @Override
    public void close() {
        rows = 0;
        kept.close();
    }
}
