package dev.engram.replay.source;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.kit.rows.SampleRows;
import dev.engram.replay.store.Layout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes of chosen samples of a batch the arrays that are stored. */
final class Gathering {

    private final Storage storage;
    private final boolean keepsPredictions;
    private boolean isRangeKnown;
    private @Nullable Layout last;

    Gathering(Storage storage, boolean keepsPredictions) {
        this.storage = storage;
        this.keepsPredictions = keepsPredictions;
    }

    /** The next task's inputs may have another range. */
    void forgetTask() {
        isRangeKnown = false;
    }

    /** Returns what is kept of a batch. */
    NDList whole(ObservedBatch batch, NDManager scope) {
        NDList whole = new NDList(batch.data());
        whole.addAll(batch.labels());
        if (keepsPredictions) {
            whole.addAll(bySample(batch, scope));
        }
        return whole;
    }

    /** Adds the stored form of some samples to a list, and returns their layout. */
    Layout gather(
            ObservedBatch batch,
            NDList whole,
            List<Intake.Pick> picks,
            NDList into,
            NDManager scope) {
        long[] wanted = picks.stream().mapToLong(Intake.Pick::row).toArray();
        NDList rows = rows(whole, wanted, scope);
        int inputs = batch.data().size();
        NDList data = new NDList(rows.subList(0, inputs));
        requireRange(data);
        NDList encoded = storage.encode(data, scope);
        int labels = inputs + batch.labels().size();
        into.addAll(encoded);
        into.addAll(rows.subList(inputs, rows.size()));
        return layout(
                encoded,
                new NDList(rows.subList(inputs, labels)),
                new NDList(rows.subList(labels, rows.size())));
    }

    /**
     * Returns the predictions with a row for each sample; what cannot be told apart by samples, as
     * a scalar beside the outputs, is left out.
     */
    private static NDList bySample(ObservedBatch batch, NDManager scope) {
        NDList told = new NDList();
        long samples = Intake.size(batch);
        for (NDArray array : batch.predictions()) {
            long rows = SampleRows.perSample(array, samples);
            if (rows > 0) {
                told.add(rows == 1 ? array : folded(array, samples, rows, scope));
            } else if (told.isEmpty()) {
                throw new EngramException(
                        "Predictions of shape %s cannot be kept for each of %d samples: let the model's first output have a row, or several, for each"
                                .formatted(array.getShape(), samples));
            }
        }
        return told;
    }

    private static NDArray folded(NDArray array, long samples, long rows, NDManager scope) {
        NDArray folded = array.reshape(new Shape(samples, rows).addAll(array.getShape().slice(1)));
        folded.attach(scope);
        return folded;
    }

    private void requireRange(NDList data) {
        if (!isRangeKnown) {
            storage.require(data);
            isRangeKnown = true;
        }
    }

    /**
     * Batches of a stream are mostly alike, and to describe them anew takes longer than to look.
     */
    private Layout layout(NDList data, NDList labels, NDList predictions) {
        if (last == null || !last.fits(data, labels, predictions)) {
            last = Layout.of(data, labels, predictions);
        }
        return last;
    }

    /** Returns some rows of each array, owned by a manager. */
    static NDList rows(NDList arrays, long[] rows, NDManager scope) {
        NDList picked = new NDList();
        if (arrays.isEmpty()) {
            return picked;
        }
        try (NDArray index = arrays.head().getManager().create(rows)) {
            for (NDArray array : arrays) {
                NDArray some = array.get(index);
                some.attach(scope);
                some.setName(array.getName());
                picked.add(some);
            }
        }
        return picked;
    }
}
