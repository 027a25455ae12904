package dev.engram.distillation;

import dev.engram.api.Experimental;

/** Which earlier state of the model teaches. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum TeacherState {
    /** The model as it was when the last task ended. */
    LAST_TASK,
    /** A moving average of the weights, which goes on while tasks train. */
    EMA,
    /** The model as it was before its first task. */
    BASE
}
