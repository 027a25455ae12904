package dev.engram.replay.store;

import dev.engram.api.Experimental;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is known of a stored sample without reading its arrays. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SampleKey {

    private final long id;
    private final String task;
    private final String group;
    private final long tag;
    private final String subject;
    private final long born;
    private final Layout layout;

    private SampleKey(
            long id,
            String task,
            String group,
            long tag,
            String subject,
            long born,
            Layout layout) {
        this.id = id;
        this.task = task;
        this.group = group;
        this.tag = tag;
        this.subject = subject;
        this.born = born;
        this.layout = layout;
    }

    /**
     * Returns the sample key with these values.
     *
     * @param id its number in the store, from {@link SampleStore#nextId}
     * @param task the name of the task that it was observed in
     * @param group what is kept in balance: the task and, where there is one, the class label
     * @param tag a random number drawn when it was observed; lower ones stay longer in a reservoir
     * @param subject whom it is about, as a digest that does not tell the name; empty if unknown
     * @param born when it was observed, milliseconds since 1970
     * @param layout the types and shapes of its arrays
     */
    public static SampleKey of(
            long id,
            String task,
            String group,
            long tag,
            String subject,
            long born,
            Layout layout) {
        return new SampleKey(id, task, group, tag, subject, born, layout);
    }

    /** Returns its number in the store, from {@link SampleStore#nextId}. */
    public long id() {
        return id;
    }

    /** Returns the name of the task that it was observed in. */
    public String task() {
        return task;
    }

    /** Returns what is kept in balance: the task and, where there is one, the class label. */
    public String group() {
        return group;
    }

    /**
     * Returns a random number drawn when it was observed; lower ones stay longer in a reservoir.
     */
    public long tag() {
        return tag;
    }

    /** Returns whom it is about, as a digest that does not tell the name; empty if unknown. */
    public String subject() {
        return subject;
    }

    /** Returns when it was observed, milliseconds since 1970. */
    public long born() {
        return born;
    }

    /** Returns the types and shapes of its arrays. */
    public Layout layout() {
        return layout;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SampleKey that
                && id == that.id
                && task.equals(that.task)
                && group.equals(that.group)
                && tag == that.tag
                && subject.equals(that.subject)
                && born == that.born
                && layout.equals(that.layout);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, task, group, tag, subject, born, layout);
    }
}
