package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.analytic.internal.closedform.Cholesky;
import dev.engram.analytic.internal.closedform.ClassMeans;
import dev.engram.analytic.internal.closedform.SldaMethod;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.analytic.internal.sums.SymmetricSum;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClosedFormTest {

    @Test
    void aFactorOfSeveralBlocksSolvesAsTheInverseDoes() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray matrix = positive(450, manager);
            NDArray right = normal(450, 3, manager);
            NDArray expected = matrix.inverse().matMul(right);
            NDArray solved = Cholesky.of(matrix.duplicate(), manager).solve(right, manager);
            assertThat(solved.sub(expected).abs().max().getDouble()).isLessThan(1e-9);
        }
    }

    @Test
    void aSumInStripsIsTheWholeProduct() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray rows = normal(50, 300, manager);
            SymmetricSum sum = SymmetricSum.zeros(300, manager);
            sum.add(rows);
            sum.add(rows);
            NDArray expected = rows.transpose().matMul(rows).mul(2);
            assertThat(sum.dense(manager).sub(expected).abs().max().getDouble()).isLessThan(1e-10);
        }
    }

    @Test
    void aRidgeHeadIsTheJointSolutionInFloat64() {
        try (NDManager manager = NDManager.newBaseManager();
                AnalyticHead head =
                        AnalyticHead.ridge().optLambda(0.01).build(Blobs.INPUTS, manager)) {
            for (int task = 0; task < 3; task++) {
                NDArray wide = Blobs.features(manager, task).toType(DataType.FLOAT64, true);
                head.learn(wide, Blobs.labels(manager, task));
            }
            double lambda = head.solve();
            NDArray points = all(manager);
            // The bias is a constant feature that is not penalised: solved jointly, not centred.
            NDArray ones = manager.ones(new Shape(points.getShape().get(0), 1), DataType.FLOAT64);
            NDArray augmented = points.concat(ones, 1);
            NDArray penalty = manager.eye(9, 9, 0, DataType.FLOAT64).mul(lambda);
            penalty.set(new NDIndex("8, 8"), 0);
            NDArray hot = allLabels(manager).oneHot(Blobs.CLASSES, DataType.FLOAT64);
            NDArray joint =
                    augmented
                            .transpose()
                            .matMul(augmented)
                            .add(penalty)
                            .inverse()
                            .matMul(augmented.transpose().matMul(hot));
            NDArray expected = augmented.matMul(joint);
            NDArray scores = head.predict(points);
            assertThat(scores.sub(expected).abs().max().getDouble()).isLessThan(1e-9);
        }
    }

    @Test
    void theChosenPenaltyHasTheLeastErrorOfLeavingOutByTheExplicitFormula() {
        try (NDManager manager = NDManager.newBaseManager();
                AnalyticHead head = AnalyticHead.ridge().build(Blobs.INPUTS, manager)) {
            for (int task = 0; task < 3; task++) {
                head.learn(Blobs.features(manager, task), Blobs.labels(manager, task));
            }
            double chosen = head.solve();
            double score = explicit(chosen, manager);
            assertThat(explicit(chosen * 100, manager)).isGreaterThan(score);
            assertThat(explicit(chosen / 100, manager)).isGreaterThan(score);
        }
    }

    /** Generalised cross-validation with the hat matrix written out. */
    private static double explicit(double lambda, NDManager manager) {
        NDArray points = all(manager);
        NDArray centred = points.sub(points.mean(new int[] {0}, true));
        NDArray hot = allLabels(manager).oneHot(Blobs.CLASSES, DataType.FLOAT64);
        NDArray targets = hot.sub(hot.mean(new int[] {0}, true));
        NDArray ridge = manager.eye(Blobs.INPUTS, Blobs.INPUTS, 0, DataType.FLOAT64).mul(lambda);
        NDArray inverse = centred.transpose().matMul(centred).add(ridge).inverse();
        NDArray hat = centred.matMul(inverse).matMul(centred.transpose());
        double samples = points.getShape().get(0);
        double error = targets.sub(hat.matMul(targets)).square().sum().getDouble();
        double trace = hat.mul(manager.eye((int) samples)).sum().getDouble();
        return samples * error / Math.pow(samples - trace, 2);
    }

    @Test
    void sldaHasTheMeansAndTheCovarianceThatOneComputesByHand() {
        try (NDManager manager = NDManager.newBaseManager()) {
            // Class 0: (0,0), (2,0), mean (1,0). Class 1: (3,3), (3,5), mean (3,4).
            float[] points = {0, 0, 2, 0, 3, 3, 3, 5};
            HeadStatistics sums = HeadStatistics.none(2, true, manager);
            NDArray rows = manager.create(points, new Shape(4, 2)).toType(DataType.FLOAT64, true);
            sums.add(rows, new int[] {0, 0, 1, 1});
            NDArray means = ClassMeans.of(sums, manager);
            assertThat(means.toDoubleArray()).containsExactly(1, 3, 0, 4);
            assertThat(SldaMethod.covariance(sums, means, manager).toDoubleArray())
                    .containsExactly(0.5, 0, 0, 0.5);
            // Λ = 1 / (0.5 · 0.5 + 0.5 · 1) = 4/3 on the diagonal; b = −½ Λ |μ|².
            SolvedHead head = new SldaMethod(0.5).solve(sums, true, manager);
            double factor = 4.0 / 3;
            assertThat(head.weight().toDoubleArray())
                    .containsExactly(
                            new double[] {factor, 3 * factor, 0, 4 * factor}, within(1e-12));
            assertThat(head.bias().toDoubleArray())
                    .containsExactly(new double[] {-factor / 2, -25 * factor / 2}, within(1e-12));
        }
    }

    @Test
    void theNearestMeanWinsAndAClassWithoutSamplesNeverDoes() {
        try (NDManager manager = NDManager.newBaseManager();
                AnalyticHead head = AnalyticHead.ncm().build(2, manager)) {
            head.learn(
                    manager.create(new float[] {5, 5, 9, 9}, new Shape(2, 2)),
                    manager.create(new float[] {0, 2}));
            NDArray scores =
                    head.predict(manager.create(new float[] {0, 0, 8, 8}, new Shape(2, 2)));
            assertThat(scores.argMax(1).toLongArray()).containsExactly(0, 2);
            assertThat(head.count(1)).isZero();
            assertThat(head.classes()).isEqualTo(3);
        }
    }

    private static NDArray all(NDManager manager) {
        NDArray first = Blobs.features(manager, 0).concat(Blobs.features(manager, 1));
        return first.concat(Blobs.features(manager, 2)).toType(DataType.FLOAT64, true);
    }

    private static NDArray allLabels(NDManager manager) {
        NDArray first = Blobs.labels(manager, 0).concat(Blobs.labels(manager, 1));
        return first.concat(Blobs.labels(manager, 2));
    }

    private static NDArray positive(int size, NDManager manager) {
        NDArray rows = normal(2 * size, size, manager);
        return rows.transpose().matMul(rows);
    }

    private static NDArray normal(int rows, int columns, NDManager manager) {
        double[] values = new Random(5).doubles((long) rows * columns, -1, 1).toArray();
        return manager.create(values, new Shape(rows, columns));
    }
}
