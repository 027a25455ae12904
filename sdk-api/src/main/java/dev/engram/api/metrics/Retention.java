package dev.engram.api.metrics;

import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What an accuracy matrix says about forgetting, after the last task that was learnt.
 *
 * <p>With {@code T} tasks learnt and {@code a(i, j)} from {@link AccuracyMatrix}, indices from 0:
 *
 * <table>
 * <caption>Formulas</caption>
 * <tr><th>value</th><th>formula</th><th>source</th></tr>
 * <tr><td>average accuracy</td><td>1/T Σ<sub>j</sub> a(T-1, j)</td>
 *     <td>Lopez-Paz and Ranzato 2017, section 2 (ACC)</td></tr>
 * <tr><td>forgetting of task j</td><td>max<sub>j ≤ i &lt; T-1</sub> a(i, j) - a(T-1, j)</td>
 *     <td>Chaudhry et al. 2018 (RWalk), section 3</td></tr>
 * <tr><td>backward transfer</td><td>1/(T-1) Σ<sub>j &lt; T-1</sub> (a(T-1, j) - a(j, j))</td>
 *     <td>Lopez-Paz and Ranzato 2017, section 2 (BWT)</td></tr>
 * <tr><td>forward transfer</td><td>1/(T-1) Σ<sub>j ≥ 1</sub> (a(j-1, j) - b(j))</td>
 *     <td>Lopez-Paz and Ranzato 2017, section 2 (FWT)</td></tr>
 * </table>
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Retention {

    private final AccuracyMatrix matrix;
    private final int last;

    private Retention(AccuracyMatrix matrix) {
        this.matrix = matrix;
        this.last = matrix.learnt() - 1;
    }

    /**
     * Returns the retention that a matrix shows now; later rows do not count.
     *
     * @throws EngramException if no task was learnt yet
     */
    public static Retention of(AccuracyMatrix matrix) {
        if (matrix.learnt() == 0) {
            throw new EngramException("The matrix has no row: no task was learnt yet");
        }
        return new Retention(matrix);
    }

    /** Returns the mean accuracy over the tasks learnt, 0 to 1. */
    public double averageAccuracy() {
        return IntStream.rangeClosed(0, last).mapToDouble(j -> matrix.at(last, j)).sum()
                / (last + 1);
    }

    /**
     * Returns by how much the accuracy on a task fell from its best, -1 to 1; below 0 if it rose.
     *
     * @param task the index of a task learnt before the last one
     */
    public double forgetting(int task) {
        if (task < 0 || task >= last) {
            throw new EngramException(
                    "Task " + task + " cannot have been forgotten yet; ask for 0 to " + (last - 1));
        }
        double best =
                IntStream.range(task, last).mapToDouble(i -> matrix.at(i, task)).max().orElse(0);
        return best - matrix.at(last, task);
    }

    /** Returns the mean of {@link #forgetting} over the tasks before the last, 0 with one task. */
    public double meanForgetting() {
        return IntStream.range(0, last).mapToDouble(this::forgetting).average().orElse(0);
    }

    /** Returns the backward transfer, -1 to 1, 0 with one task; below 0 means forgetting. */
    public double backwardTransfer() {
        return IntStream.range(0, last)
                .mapToDouble(j -> matrix.at(last, j) - matrix.at(j, j))
                .average()
                .orElse(0);
    }

    /**
     * Returns the forward transfer, -1 to 1; empty with one task or where it was not measured.
     *
     * @param untrained {@code b(j)}: the accuracy of the untrained model on each task
     */
    public OptionalDouble forwardTransfer(double... untrained) {
        if (untrained.length <= last) {
            throw new EngramException(
                    "Give the untrained accuracy of all %s tasks; seen: %s"
                            .formatted(last + 1, untrained.length));
        }
        boolean measured = IntStream.rangeClosed(1, last).allMatch(j -> matrix.has(j - 1, j));
        return measured
                ? IntStream.rangeClosed(1, last)
                        .mapToDouble(j -> matrix.at(j - 1, j) - untrained[j])
                        .average()
                : OptionalDouble.empty();
    }
}
