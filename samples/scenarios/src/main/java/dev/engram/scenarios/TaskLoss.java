package dev.engram.scenarios;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import java.util.Arrays;

/** Softmax cross-entropy over the outputs of one task, blind for those of all others. */
public final class TaskLoss extends Loss {

    private static final float OUT = -1e9f;

    private final Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
    private final NDArray mask;

    private TaskLoss(NDArray mask) {
        super("TaskLoss");
        this.mask = mask;
    }

    /** Returns the loss for a task of a sequence; it masks only where the task is known. */
    public static Loss of(TaskSequence sequence, ScenarioTask task, NDManager manager) {
        return sequence.scenario() == Scenario.TASK
                ? new TaskLoss(outputMask(sequence, task, manager))
                : Loss.softmaxCrossEntropyLoss();
    }

    /** Returns the loss for outputs {@code first} to {@code end}, exclusive, of {@code outputs}. */
    public static Loss of(int first, int end, int outputs, NDManager manager) {
        return new TaskLoss(outputMask(first, end, outputs, manager));
    }

    /** Returns what to add to the outputs so that only those of the task count. */
    public static NDArray outputMask(TaskSequence sequence, ScenarioTask task, NDManager manager) {
        boolean known = sequence.scenario() == Scenario.TASK;
        return outputMask(
                known ? task.firstOutput() : 0,
                known ? task.lastOutput() : sequence.outputs(),
                sequence.outputs(),
                manager);
    }

    /** Returns what to add to the outputs so that only {@code first} to {@code end} count. */
    public static NDArray outputMask(int first, int end, int outputs, NDManager manager) {
        float[] mask = new float[outputs];
        Arrays.fill(mask, OUT);
        Arrays.fill(mask, first, end, 0);
        return manager.create(mask);
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return crossEntropy.evaluate(labels, new NDList(predictions.singletonOrThrow().add(mask)));
    }
}
