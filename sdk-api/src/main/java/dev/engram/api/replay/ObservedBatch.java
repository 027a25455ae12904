package dev.engram.api.replay;

import ai.djl.ndarray.NDList;
import dev.engram.api.Stable;
import dev.engram.api.task.Task;
import java.util.List;

/** A batch of the task that trains now; the first dimension of every array counts the samples. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface ObservedBatch {

    /** Returns the task that the batch is of. */
    Task task();

    /** Returns the inputs, as the model takes them; the caller owns them. */
    NDList data();

    /** Returns the labels, as the loss takes them; empty for unlabelled data. */
    NDList labels();

    /** Returns what the model predicted; empty where no model ran. */
    NDList predictions();

    /** Returns whom each sample is about, one name a sample; empty where the user did not say. */
    List<String> subjects();

    /** Returns a batch of those parts. */
    static ObservedBatch of(
            Task task, NDList data, NDList labels, NDList predictions, List<String> subjects) {
        return new SeenBatch(task, data, labels, predictions, List.copyOf(subjects));
    }
}
