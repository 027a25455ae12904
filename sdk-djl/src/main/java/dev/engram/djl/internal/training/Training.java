package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import java.util.List;

/** What a guard sees of a training. */
public record Training(Task task, List<LiveParameter> parameters, Loss loss, NDManager manager)
        implements TrainingView {}
