package dev.engram.generativereplay.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrincipalAxesTest {

    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void aSymmetricMatrixIsPutTogetherAgainOfItsParts() {
        float[] rows = {4, 1, -2, 1, 3, 0.5f, -2, 0.5f, 1};
        SymmetricMatrix matrix = new SymmetricMatrix(rows, 3);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double sum = 0;
                for (int k = 0; k < 3; k++) {
                    sum += matrix.value(k) * matrix.vector(k, i) * matrix.vector(k, j);
                }
                assertThat(sum).isCloseTo(rows[3 * i + j], within(1e-9));
            }
        }
    }

    /** Rows that go by ±3 along the first axis and by ±1 along the second have variances 6, 2/3. */
    @Test
    void axesAreAsLongAsTheDeviationAlongThem() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray rows =
                    manager.create(new float[][] {{3, 0, 0}, {-3, 0, 0}, {0, 1, 0}, {0, -1, 0}});
            float[] axes = PrincipalAxes.of(rows, 2, random).toFloatArray();
            assertThat(Math.abs(axes[0])).isCloseTo((float) Math.sqrt(6), within(1e-4f));
            assertThat(Math.abs(axes[4])).isCloseTo((float) Math.sqrt(2.0 / 3), within(1e-4f));
            assertThat(axes[1] + axes[2] + axes[3] + axes[5]).isCloseTo(0, within(1e-4f));
        }
    }

    /** With all directions kept, the axes are a root of the covariance. */
    @Test
    void axesOfAllDirectionsGiveTheCovariance() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray rows = manager.randomNormal(new Shape(50, 6)).cumSum(1);
            NDArray centred = rows.sub(rows.mean(new int[] {0}));
            NDArray axes = PrincipalAxes.of(centred, 6, random);
            NDArray expected = centred.transpose().matMul(centred).div(49);
            NDArray found = axes.transpose().matMul(axes);
            assertThat(found.allClose(expected, 1e-3, 1e-3, false)).isTrue();
        }
    }

    @Test
    void samplesThatAreAllTheSameHaveNoAxes() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray axes = PrincipalAxes.of(manager.zeros(new Shape(30, 5)), 3, random);
            assertThat(axes.getShape()).isEqualTo(new Shape(3, 5));
            assertThat(axes.toFloatArray()).containsOnly(0f);
        }
    }

    @Test
    void groupsThatLieApartAreFoundAndNoneIsSmall() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] rows = new float[2 * 103];
            for (int i = 0; i < 100; i++) {
                rows[2 * i] = i % 2 * 100 + i * 0.005f;
            }
            for (int i = 100; i < 103; i++) {
                rows[2 * i + 1] = 50;
            }
            List<int[]> groups =
                    Clusters.of(manager.create(rows, new Shape(103, 2)), 6, 10, random);
            assertThat(groups).allSatisfy(group -> assertThat(group).hasSizeGreaterThan(9));
            assertThat(groups.stream().mapToInt(group -> group.length).sum()).isEqualTo(103);
            List<int[]> two = Clusters.of(manager.create(rows, new Shape(103, 2)), 2, 10, random);
            assertThat(two).hasSize(2);
        }
    }
}
