package dev.engram.api.isolation;

import dev.engram.api.Experimental;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.task.Task;

/**
 * Gives each task parameters of its own, over a base that stays as it is.
 *
 * <p>Called on the training thread. This type grows by default methods only.
 */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public interface ParameterIsolation extends AutoCloseable {

    /** Returns the name under which its memory is kept: letters, digits, hyphens. */
    String name();

    /** Puts the task parameters in place and freezes the base; called before the first step. */
    void install(TrainingView training);

    /** Makes the parameters of a task the ones that forward passes use. */
    void activate(Task task);

    /** Adds the active task's parameters into the base for good. */
    void merge();

    /** Takes everything off again: the base gives its own outputs, bit for bit. */
    void uninstall();

    /** Writes down the parameters of every task. */
    void save(MemoryWriter memory);

    /** Reads back what {@link #save} wrote. */
    void restore(MemoryReader memory);

    /** Frees what it holds. */
    @Override
    void close();
}
