package dev.engram.kit.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleRowsTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void rowsBelongToSamplesByTheirFactor() {
        NDArray array = manager.arange(0f, 12f).reshape(6, 2);
        assertThat(SampleRows.perSample(array, 3)).isEqualTo(2);
        assertThat(SampleRows.of(array, 3, 1, 2).toFloatArray()).containsExactly(4, 5, 6, 7);
        assertThat(SampleRows.of(array, 6, 5, 6).toFloatArray()).containsExactly(10, 11);
    }

    @Test
    void aScalarAndRowsOfNoWholeNumberBelongToNobody() {
        NDArray array = manager.zeros(new Shape(6, 2));
        assertThat(SampleRows.perSample(array, 4)).isZero();
        assertThat(SampleRows.perSample(manager.create(1f), 4)).isZero();
        assertThatThrownBy(() -> SampleRows.of(array, 4, 0, 1))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("(6, 2)")
                .hasMessageContaining("4 samples");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 10})
    void anyNumberOfSamplesGoesThroughInPiecesOfOneSizeAndKeepsItsGradient(int samples) {
        NDArray x = manager.arange(0f, samples * 2f).reshape(samples, 2);
        x.setRequiresGradient(true);
        List<Shape> seen = new ArrayList<>();
        try (var collector = Engine.getInstance().newGradientCollector()) {
            NDList outputs =
                    SampleRows.inPieces(
                            new NDList(x),
                            4,
                            piece -> {
                                seen.add(piece.head().getShape());
                                return new NDList(piece.head().square());
                            });
            assertThat(outputs.singletonOrThrow().stopGradient()).isEqualTo(x.square());
            collector.backward(outputs.head().sum());
        }
        assertThat(seen).hasSize((samples + 3) / 4).containsOnly(new Shape(4, 2));
        assertThat(x.getGradient()).as("2 x").isEqualTo(x.stopGradient().mul(2));
    }
}
