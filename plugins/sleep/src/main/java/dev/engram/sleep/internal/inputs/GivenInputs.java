package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batches of a data set of the user's, over and over; of its labels nothing is used. */
public final class GivenInputs implements Lessons, AutoCloseable {

    private final Dataset dataset;
    private final NDManager manager;
    private @Nullable Iterator<Batch> batches;

    /** Creates them; what is read belongs to a manager of its own. */
    public GivenInputs(Dataset dataset, NDManager owner) {
        this.dataset = dataset;
        this.manager = owner.newSubManager();
    }

    @Override
    public List<Lesson> next(NDManager scope) {
        try (Batch batch = take()) {
            long size = batch.getData().head().getShape().get(0);
            long[] all = Rows.range(size);
            return List.of(
                    new Lesson(Rows.copied(batch.getData(), all, scope), new NDList(), List.of()));
        }
    }

    private Batch take() {
        Iterator<Batch> open = batches;
        if (open == null || !open.hasNext()) {
            open = begin(dataset, manager);
            batches = open;
        }
        if (!open.hasNext()) {
            throw new EngramException("A data set of addInputs(...) is empty: leave it out");
        }
        return open.next();
    }

    /** Begins to read a data set. */
    public static Iterator<Batch> begin(Dataset dataset, NDManager manager) {
        try {
            return dataset.getData(manager).iterator();
        } catch (IOException | TranslateException e) {
            throw new EngramException("A data set of Sleep cannot be read: " + e, e);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
