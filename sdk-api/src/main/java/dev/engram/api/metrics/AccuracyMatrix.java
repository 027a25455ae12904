package dev.engram.api.metrics;

import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The accuracy on every task after learning every task: {@code a(i, j)} is the accuracy on task
 * {@code j} after task {@code i} was learnt, a fraction from 0 to 1.
 *
 * <p>Rows are added in the order of learning; a row may stop after the tasks seen so far, or cover
 * all tasks, which forward transfer needs. Indices count from 0. Not safe for concurrent use.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AccuracyMatrix {

    private final List<String> tasks;
    private final List<double[]> rows = new ArrayList<>();

    /** Creates an empty matrix over tasks, named in the order in which they will be learnt. */
    public AccuracyMatrix(List<String> tasks) {
        this.tasks = List.copyOf(tasks);
    }

    /**
     * Adds the accuracies measured after the next task was learnt.
     *
     * @param accuracies on tasks 0, 1, ...: at least up to the task just learnt
     * @throws EngramException if there are too few or too many, or one is not in 0 to 1
     */
    public void addRow(double... accuracies) {
        int row = rows.size();
        if (row == tasks.size()) {
            throw new EngramException("All " + row + " tasks already have their row");
        }
        if (accuracies.length <= row || accuracies.length > tasks.size()) {
            throw new EngramException(
                    "Row %s (%s) has %s accuracies; give %s to %s"
                            .formatted(
                                    row, tasks.get(row), accuracies.length, row + 1, tasks.size()));
        }
        for (int j = 0; j < accuracies.length; j++) {
            if (!(accuracies[j] >= 0 && accuracies[j] <= 1)) {
                throw new EngramException(
                        "Accuracy on task %s after %s is %s; give a fraction from 0 to 1"
                                .formatted(tasks.get(j), tasks.get(row), accuracies[j]));
            }
        }
        rows.add(accuracies.clone());
    }

    /** Returns the names of the tasks. */
    public List<String> tasks() {
        return tasks;
    }

    /** Returns how many tasks were learnt so far. */
    public int learnt() {
        return rows.size();
    }

    /** Returns whether the accuracy on task {@code j} after task {@code i} was measured. */
    public boolean has(int i, int j) {
        return i < rows.size() && j < rows.get(i).length;
    }

    /**
     * Returns the accuracy on task {@code j} after task {@code i} was learnt.
     *
     * @throws IllegalStateException if it was not measured
     */
    public double at(int i, int j) {
        if (!has(i, j)) {
            throw new IllegalStateException(
                    "The accuracy on task " + j + " after task " + i + " was not measured");
        }
        return rows.get(i)[j];
    }

    /** Returns a copy of the rows; a row is as long as it was given. */
    public double[][] toArray() {
        return rows.stream().map(row -> Arrays.copyOf(row, row.length)).toArray(double[][]::new);
    }
}
