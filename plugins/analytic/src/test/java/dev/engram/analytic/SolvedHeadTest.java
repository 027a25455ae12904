package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.analytic.internal.closedform.NcmMethod;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.analytic.internal.sums.HeadStatistics;
import org.junit.jupiter.api.Test;

class SolvedHeadTest {

    @Test
    void solvingLeavesNoArrayButTheHeadWhereAClassWasNotSeen() {
        try (NDManager manager = NDManager.newBaseManager();
                NDManager owner = manager.newSubManager()) {
            HeadStatistics sums = HeadStatistics.none(2, true, manager);
            NDArray rows = manager.create(new double[] {5, 5, 9, 7}, new Shape(2, 2));
            sums.add(rows, new int[] {0, 2});
            SolvedHead head = new NcmMethod().solve(sums, true, owner);
            assertThat(owner.getManagedArrays())
                    .containsExactlyInAnyOrder(head.weight(), head.bias());
            assertThat(head.bias().toDoubleArray()).containsExactly(-25, -1e9, -65);
        }
    }

    @Test
    void ofNothingNoClassCanWin() {
        try (NDManager manager = NDManager.newBaseManager()) {
            HeadStatistics sums = HeadStatistics.none(2, true, manager);
            NDArray rows = manager.ones(new Shape(2, 2), DataType.FLOAT64);
            sums.add(rows, new int[] {0, 1});
            HeadStatistics same = HeadStatistics.none(2, true, manager);
            same.add(rows, new int[] {0, 1});
            sums.subtract(same);
            SolvedHead head = SolvedHead.ofNothing(sums, true, manager);
            assertThat(head.weight().toDoubleArray()).containsOnly(0);
            assertThat(head.bias().toDoubleArray()).containsExactly(-1e9, -1e9);
        }
    }
}
