package dev.engram.sleep.internal.inputs;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batches of a data set of the user's, over and over; of its labels nothing is used. */
public final class GivenInputs implements Lessons, AutoCloseable {

    private final Dataset dataset;
    private final @Nullable String task;
    private final NDManager manager;
    private @Nullable Iterator<Batch> batches;

    /**
     * Creates them; what is read belongs to a manager of its own.
     *
     * @param task of which they are, if anybody knows
     */
    public GivenInputs(Dataset dataset, @Nullable String task, NDManager owner) {
        this.dataset = dataset;
        this.task = task;
        this.manager = owner.newSubManager();
    }

    @Override
    public List<Lesson> next(NDManager scope) {
        try (Batch batch = take()) {
            long size = batch.getData().head().getShape().get(0);
            NDList data = Rows.copied(batch.getData(), Rows.range(size), scope);
            List<String> tasks = task == null ? List.of() : Collections.nCopies((int) size, task);
            return List.of(new Lesson(data, new NDList(), tasks));
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
