package dev.engram.metalearning;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A task on which {@link MetaTrainer} tries how well it can be learnt, and what that makes of
 * others.
 */
@Experimental(since = "0.1", implementedBy = "applications")
@FunctionalInterface
public interface MetaTask {

    /**
     * Returns some samples of the task; others at each call.
     *
     * @param manager that owns their arrays; closed when they were used
     */
    Batch batch(NDManager manager);

    /**
     * Returns a task of a data set, whose batches come one after the other, and again from the
     * first.
     *
     * @param owner lives as long as the task is used, such as the model's manager
     */
    static MetaTask of(Dataset dataset, NDManager owner) {
        return new MetaTask() {
            private @Nullable Iterator<Batch> batches;

            @Override
            public Batch batch(NDManager manager) {
                try {
                    if (batches == null || !batches.hasNext()) {
                        batches = dataset.getData(owner).iterator();
                    }
                    return batches.next();
                } catch (IOException | TranslateException e) {
                    throw new EngramException("A task's data cannot be read: " + e, e);
                }
            }
        };
    }
}
