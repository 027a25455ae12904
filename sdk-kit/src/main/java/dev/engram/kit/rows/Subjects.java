package dev.engram.kit.rows;

import ai.djl.training.dataset.Batch;
import dev.engram.api.Stable;
import java.util.List;

/**
 * Says whom each sample of a batch is about, so that all samples of a person can be erased.
 *
 * <p>Called on the training thread for every batch; must not wait for the device. A random-access
 * data set tells which samples a batch holds by {@link Batch#getIndices()}.
 */
@Stable(since = "0.1", implementedBy = "applications")
@FunctionalInterface
public interface Subjects {

    /** Returns one name a sample, in the order of the batch, or an empty list if none is known. */
    List<String> of(Batch batch);
}
