package dev.engram.api.task;

import dev.engram.api.EngramException;
import java.nio.charset.StandardCharsets;

/** The only implementation of {@link Task}. */
record NamedTask(String name) implements Task {

    NamedTask {
        if (name == null || name.isBlank()) {
            throw new EngramException(
                    "A task needs a name, but it is %s: give one, such as \"travel\""
                            .formatted(name == null ? "null" : "blank: \"" + name + "\""));
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new EngramException(
                    "The name of task \""
                            + name
                            + "\" holds half of a surrogate pair, so no file can hold it: give"
                            + " another");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
