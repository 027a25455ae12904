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

    /** Returns what to add to the outputs so that only those of the task count. */
    public static NDArray outputMask(TaskSequence sequence, ScenarioTask task, NDManager manager) {
        float[] mask = new float[sequence.outputs()];
        if (sequence.scenario() == Scenario.TASK) {
            Arrays.fill(mask, OUT);
            Arrays.fill(mask, task.firstOutput(), task.lastOutput(), 0);
        }
        return manager.create(mask);
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return crossEntropy.evaluate(labels, new NDList(predictions.singletonOrThrow().add(mask)));
    }
}
