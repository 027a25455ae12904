package dev.engram.api.task;

import dev.engram.api.EngramException;
import dev.engram.api.Stable;

/** One unit of learning, told apart from the others by its name alone. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface Task {

    /** Returns the name: not blank, unique within one memory, kept in reports and files. */
    String name();

    /**
     * Returns a task of that name; two tasks of the same name are equal.
     *
     * @throws EngramException if the name is null or blank, or no text that a file can hold
     */
    static Task named(String name) {
        return new NamedTask(name);
    }
}
