package dev.engram.api.task;

/** The only implementation of {@link Task}. */
record NamedTask(String name) implements Task {

    NamedTask {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "A task needs a name, but it is blank: \"" + name + "\"");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
