package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class AnswersTest {

    @Test
    void aClassToldOfWhatIsNoNumberIsNotRight() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[][] scores = {{2, 1}, {Float.NaN, Float.NaN}, {1, Float.NaN}, {3, 1}};
            NDArray labels = manager.create(new float[] {0, 0, 1, 1});
            assertThat(Answers.CLASSES.scores(labels, manager.create(scores)).toFloatArray())
                    .containsExactly(1, 0, 0, 0);
        }
    }

    @Test
    void aClassThatIsMaskedOutHindersNoOther() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray scores = manager.create(new float[][] {{Float.NEGATIVE_INFINITY, 1}, {1, 2}});
            NDArray labels = manager.create(new float[] {1, 1});
            assertThat(Answers.CLASSES.scores(labels, scores).toFloatArray()).containsExactly(1, 1);
        }
    }
}
