package dev.engram.api.task;

import java.nio.charset.StandardCharsets;

/** The only implementation of {@link Task}. */
record NamedTask(String name) implements Task {

    NamedTask {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "A task needs a name, but it is blank: \"" + name + "\"");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
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
