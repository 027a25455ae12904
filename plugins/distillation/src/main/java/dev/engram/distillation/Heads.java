package dev.engram.distillation;

import dev.engram.api.Experimental;

/** Among which outputs the answers are probabilities. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Heads {
    /** Among the classes of each earlier task, tasks that share a class together. */
    BY_TASK,
    /** Among all outputs that the teacher has. */
    SHARED
}
