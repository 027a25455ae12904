package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.sample.UniformSample;
import dev.engram.djl.memory.LearntTask;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Lets the guards take in a finished task, with the user's gradients out of the way.
 *
 * @param block the user's block
 * @param store knows where its live arrays are
 */
public record Consolidator(
        Guards guards,
        Block block,
        ParameterStore store,
        List<LiveParameter> parameters,
        Loss loss) {

    private static final int LABEL_BATCH = 1024;

    /** Consolidates a task from samples of it. */
    public LearntTask learn(Task task, UniformSample sample, long outputs) {
        if (sample.size() == 0) {
            throw new EngramException("Task \"" + task.name() + "\" has no samples to learn from");
        }
        Block evaluation = EvaluationBlocks.of(block);
        try (NDManager scratch = guards.manager().newSubManager()) {
            KeptGradients kept = new KeptGradients(parameters, scratch);
            try {
                guards.each(
                        "at the end of task \"" + task.name() + "\"",
                        task,
                        parameters,
                        loss,
                        (guard, view) ->
                                guard.onTaskEnd(
                                        new Consolidation(
                                                view, sample, evaluation, store, scratch)));
            } finally {
                kept.putBack();
            }
            return new LearntTask(task.name(), classes(sample, outputs, scratch));
        }
    }

    /** Holds the weights as they are, without any data. */
    public LearntTask anchor(Task task) {
        guards.each(
                "when it was to anchor the model as it is",
                task,
                parameters,
                loss,
                (guard, view) -> guard.onAnchor(view));
        return new LearntTask(task.name(), List.of());
    }

    private static List<Integer> classes(UniformSample sample, long outputs, NDManager scratch) {
        SortedSet<Integer> classes = new TreeSet<>();
        for (SampleBatch batch : sample.batches(LABEL_BATCH, scratch, scratch.getDevice())) {
            if (batch.labels().isEmpty()) {
                return List.of();
            }
            SortedSet<Integer> found =
                    SharedHeadCheck.classes(
                            batch.labels().head(), batch.size(), outputs, batch.manager());
            if (found.isEmpty()) {
                return List.of();
            }
            classes.addAll(found);
        }
        return List.copyOf(classes);
    }
}
