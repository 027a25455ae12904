package dev.engram.gradientprojection.internal.energy;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowPiecesTest {

    @Test
    void rowsOfManyNumbersAreShownInPiecesAndEachOnce() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray rows = manager.arange(5000f).reshape(5000, 1).broadcast(new Shape(5000, 2000));
            List<Float> seen = new ArrayList<>();
            RowPieces.each(
                    rows,
                    (piece, work) -> {
                        assertThat(piece.size()).isLessThanOrEqualTo(1 << 22);
                        for (float first : piece.get(":, 0").toFloatArray()) {
                            seen.add(first);
                        }
                    });
            assertThat(seen).hasSize(5000).startsWith(0f, 1f).endsWith(4999f).isSorted();
        }
    }

    @Test
    void aRowThatIsTooLongIsShownAlone() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray rows = manager.zeros(new Shape(2, 1)).broadcast(new Shape(2, 5_000_000));
            List<Long> seen = new ArrayList<>();
            RowPieces.each(rows, (piece, work) -> seen.add(piece.getShape().get(0)));
            assertThat(seen).containsExactly(1L, 1L);
        }
    }
}
