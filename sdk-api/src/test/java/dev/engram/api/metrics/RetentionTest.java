package dev.engram.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final Offset<Double> TINY = within(1e-12);

    private static AccuracyMatrix threeTasks() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a", "b", "c"));
        matrix.addRow(0.9, 0.3, 0.2);
        matrix.addRow(0.95, 0.8, 0.4);
        matrix.addRow(0.6, 0.7, 1.0);
        return matrix;
    }

    @Test
    void averageAccuracyIsTheMeanOfTheLastRow() {
        assertThat(Retention.of(threeTasks()).averageAccuracy()).isEqualTo(2.3 / 3, TINY);
    }

    @Test
    void forgettingIsMeasuredFromTheBestAccuracyNotFromTheFirst() {
        Retention retention = Retention.of(threeTasks());
        assertThat(retention.forgetting(0)).isEqualTo(0.35, TINY);
        assertThat(retention.forgetting(1)).isEqualTo(0.1, TINY);
        assertThat(retention.meanForgetting()).isEqualTo(0.225, TINY);
    }

    @Test
    void backwardTransferIsMeasuredFromWhenTheTaskWasJustLearnt() {
        // ((0.6 - 0.9) + (0.7 - 0.8)) / 2
        assertThat(Retention.of(threeTasks()).backwardTransfer()).isEqualTo(-0.2, TINY);
    }

    @Test
    void forwardTransferComparesWithTheUntrainedModel() {
        // ((0.3 - 0.1) + (0.4 - 0.1)) / 2
        assertThat(Retention.of(threeTasks()).forwardTransfer(0.1, 0.1, 0.1)).hasValue(0.25);
    }

    @Test
    void forwardTransferIsEmptyWhereTasksWereNotTestedBeforeTheyWereLearnt() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a", "b"));
        matrix.addRow(0.9);
        matrix.addRow(0.9, 0.8);
        assertThat(Retention.of(matrix).forwardTransfer(0.1, 0.1)).isEmpty();
    }

    @Test
    void aSingleTaskCannotHaveBeenForgotten() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a", "b"));
        matrix.addRow(0.9);
        assertThat(Retention.of(matrix).meanForgetting()).isZero();
        assertThatThrownBy(() -> Retention.of(matrix).forgetting(0))
                .hasMessageContaining("cannot have been forgotten yet");
    }

    @Test
    void percentagesAreRefusedBecauseFractionsAreMeant() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a"));
        assertThatThrownBy(() -> matrix.addRow(97.5))
                .hasMessage("Accuracy on task a after a is 97.5; give a fraction from 0 to 1");
        assertThatThrownBy(() -> matrix.addRow(Double.NaN)).hasMessageContaining("NaN");
    }

    @Test
    void aRowMustReachTheTaskJustLearnt() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a", "b"));
        matrix.addRow(0.9);
        assertThatThrownBy(() -> matrix.addRow(0.9)).hasMessageContaining("give 2 to 2");
    }
}
