package dev.engram.djl.internal.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import org.junit.jupiter.api.Test;

class FirmnessTest {

    @Test
    void itIsAsFirmAsTheLossOfTheLoop() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray classes = manager.zeros(new Shape(4, 10));
            NDArray maps = manager.zeros(new Shape(4, 3, 8, 8));
            Firmness entropy = Firmness.beside(Loss.softmaxCrossEntropyLoss());
            assertThat(entropy.of(classes, 30)).isCloseTo(10 * 0.1, within(1e-12));
            assertThat(entropy.of(classes, 0.1)).isCloseTo(10 * 0.5, within(1e-12));
            assertThat(entropy.of(maps, 30)).isCloseTo(10 * 0.1, within(1e-12));
            assertThat(Firmness.beside(Loss.l2Loss()).of(classes, 1e6)).isEqualTo(0.5);
            assertThat(Firmness.beside(Loss.l1Loss()).of(classes, 4)).isEqualTo(0.25);
        }
    }
}
