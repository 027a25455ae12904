package dev.engram.djl.memory;

import dev.engram.api.Experimental;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A task as the memory knows it. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class LearntTask {

    private final String name;
    private final List<Integer> classes;

    private LearntTask(String name, List<Integer> classes) {
        this.name = name;
        this.classes = classes;
    }

    /**
     * Returns the learnt task with these values.
     *
     * @param name its name
     * @param classes the class labels seen in its samples, ascending; empty where labels are no
     *     classes
     */
    public static LearntTask of(String name, List<Integer> classes) {
        return new LearntTask(name, classes);
    }

    /** Returns its name. */
    public String name() {
        return name;
    }

    /**
     * Returns the class labels seen in its samples, ascending; empty where labels are no classes.
     */
    public List<Integer> classes() {
        return classes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LearntTask that
                && name.equals(that.name)
                && classes.equals(that.classes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, classes);
    }
}
