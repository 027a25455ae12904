package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The labelled samples by which a task is judged. Immutable, in memory. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class TaskSamples {

    private final String task;
    private final Map<String, Column> columns;
    private final int[] labels;

    private TaskSamples(String task, Map<String, Column> columns, int[] labels) {
        this.task = task;
        this.columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        this.labels = labels;
    }

    /** Starts the samples of a task. */
    public static Builder builder(String task) {
        return new Builder(task);
    }

    /** Returns the name of the task. */
    public String task() {
        return task;
    }

    /** Returns how many samples there are. */
    public int size() {
        return labels.length;
    }

    /** Returns the right answer to a sample. */
    public int label(int sample) {
        return labels[sample];
    }

    /** Returns the names of the inputs. */
    public Set<String> inputs() {
        return columns.keySet();
    }

    Map<String, Column> columns() {
        return columns;
    }

    /** Collects the inputs of the samples. Not safe for concurrent use. */
    public static final class Builder {

        private final String task;
        private final Map<String, Column> columns = new LinkedHashMap<>();
        private int[] labels = {};

        private Builder(String task) {
            this.task = task;
        }

        /**
         * Adds an input of floats.
         *
         * @param input its name in the model
         * @param values of all samples, one after the other
         * @param sampleShape the shape of one sample, without the batch
         */
        public Builder addFloats(String input, float[] values, long... sampleShape) {
            columns.put(input, Column.of(values, sampleShape));
            return this;
        }

        /** Adds an input of 64-bit integers, like {@link #addFloats}. */
        public Builder addLongs(String input, long[] values, long... sampleShape) {
            columns.put(input, Column.of(values, sampleShape));
            return this;
        }

        /** Sets the right answers, which are copied. */
        public Builder setLabels(int... classes) {
            this.labels = classes.clone();
            return this;
        }

        /**
         * Returns the samples.
         *
         * @throws EngramException if there are none, or an input has not as many as there are
         *     labels
         */
        public TaskSamples build() {
            if (labels.length == 0 || columns.isEmpty()) {
                throw new EngramException(
                        "The task %s has %s labels and the inputs %s: give both"
                                .formatted(task, labels.length, columns.keySet()));
            }
            columns.forEach(this::requireOneALabel);
            return new TaskSamples(task, columns, labels);
        }

        private void requireOneALabel(String input, Column column) {
            long each = column.valuesASample();
            if (column.values() != labels.length * each) {
                throw new EngramException(
                        "The task %s has %s labels, but %s has %s values of %s a sample"
                                .formatted(task, labels.length, input, column.values(), each));
            }
        }
    }
}
