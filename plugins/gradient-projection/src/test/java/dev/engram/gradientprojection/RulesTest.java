package dev.engram.gradientprojection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.gradientprojection.SummedRule.Nscl;
import dev.engram.gradientprojection.SummedRule.Owm;
import dev.engram.gradientprojection.internal.energy.Covariance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Closed forms, by hand. */
class RulesTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** {@code α (C + αI)⁻¹} for C = [[2, 1], [1, 2]], α = 1 is [[3, -1], [-1, 3]] / 8. */
    @Test
    void owmLeavesAlphaTimesTheInverse() {
        Covariance covariance = covariance(2, 1, 1, 2);
        NDArray update = manager.create(new float[] {8, 0, 0, 16}, new Shape(2, 2));
        Removal removal = new Owm(1).removal(covariance, manager);
        assertThat(update.sub(removal.from(update)).toFloatArray())
                .containsExactly(new float[] {3, -1, -2, 6}, within(1e-5f));
    }

    @Test
    void owmOfAFactorIsThatOfItsProduct() {
        NDArray factor = manager.create(new float[] {1, 1, 1, 0, 1, -1}, new Shape(2, 3));
        Covariance whole = Covariance.of(factor.transpose().matMul(factor), false);
        Covariance rows = Covariance.of(factor, true);
        NDArray update = manager.create(new float[] {3, 1, 4, 1, 5, 9}, new Shape(2, 3));
        float[] exact = new Owm(0.3).removal(whole, manager).from(update).toFloatArray();
        float[] low = new Owm(0.3).removal(rows, manager).from(update).toFloatArray();
        assertThat(low).containsExactly(exact, within(1e-4f));
    }

    @Test
    void covariancesOfTasksAddUp() {
        Covariance sum = new Owm(1).joined(covariance(2, 1, 1, 2), covariance(1, 0, 0, 3), manager);
        assertThat(sum.matrix().toFloatArray()).containsExactly(3, 1, 1, 5);
    }

    /** The directions (1, 1) and (1, -1) of [[2, 1], [1, 2]] have the energies 3 and 1. */
    @Test
    void nsclBarsWhatIsAboveTheBound() {
        NDArray update = manager.create(new float[] {4, 0}, new Shape(1, 2));
        Removal removal = new Nscl(2).removal(covariance(2, 1, 1, 2), manager);
        assertThat(update.sub(removal.from(update)).toFloatArray())
                .containsExactly(new float[] {2, -2}, within(1e-5f));
        assertThat(new Nscl(4).removal(covariance(2, 1, 1, 2), manager).from(update).toFloatArray())
                .containsExactly(0, 0);
    }

    @Test
    void gpmTakesTheFewestDirectionsThatHoldTheShare() {
        GpmRule rule = new GpmRule(0.7);
        Covariance first = rule.joined(null, covariance(2, 1, 1, 2), manager);
        assertThat(first.matrix().getShape()).isEqualTo(new Shape(1, 2));
        NDArray update = manager.create(new float[] {4, 0}, new Shape(1, 2));
        assertThat(update.sub(rule.removal(first, manager).from(update)).toFloatArray())
                .containsExactly(new float[] {2, -2}, within(1e-5f));
        Covariance same = rule.joined(first, covariance(2, 1, 1, 2), manager);
        assertThat(same.matrix().getShape()).isEqualTo(new Shape(1, 2));
        Covariance other = rule.joined(first, covariance(2, -1, -1, 2), manager);
        assertThat(other.matrix().getShape()).isEqualTo(new Shape(2, 2));
        assertThat(other.matrix().matMul(other.matrix().transpose()).toFloatArray())
                .containsExactly(new float[] {1, 0, 0, 1}, within(1e-5f));
    }

    @Test
    void elementsAreLayersOfOneInput() {
        NDArray energies = manager.create(new float[] {3, 1, 0});
        assertThat(new Owm(1).elementShares(energies, manager).toFloatArray())
                .containsExactly(0.75f, 0.5f, 0);
        assertThat(new Nscl(1).elementShares(energies, manager).toFloatArray())
                .containsExactly(1, 0, 0);
        GpmRule gpm = new GpmRule(0.7);
        NDArray held = gpm.joinedElements(null, energies, manager);
        assertThat(held.toFloatArray()).containsExactly(1, 0, 0);
        assertThat(
                        gpm.joinedElements(held, manager.create(new float[] {0, 2, 1}), manager)
                                .toFloatArray())
                .containsExactly(1, 1, 1);
    }

    @Test
    void aLayerThatHasMoreInputsIsNotHeldInTheNewOnes() {
        Covariance wider = covariance(2, 1, 1, 2).widened(3, manager);
        assertThat(wider.matrix().toFloatArray()).containsExactly(2, 1, 0, 1, 2, 0, 0, 0, 0);
        NDArray update = manager.create(new float[] {0, 0, 5}, new Shape(1, 3));
        assertThat(new Owm(1).removal(wider, manager).from(update).toFloatArray())
                .containsExactly(new float[] {0, 0, 0}, within(1e-6f));
    }

    @Test
    void layersAreMatricesOfTheirParametersWithTheBiasFirst() {
        NDArray weight = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
        NDArray bias = manager.create(new float[] {7, 8});
        java.util.Map<String, NDArray> values = java.util.Map.of("w", weight, "b", bias);
        NDArray matrix = new Layer("w", "b", true).matrix(values, manager);
        assertThat(matrix.toFloatArray()).containsExactly(7, 1, 2, 3, 8, 4, 5, 6);
        NDArray turned = new Layer("w", null, false).matrix(values, manager);
        assertThat(turned.toFloatArray()).containsExactly(1, 4, 2, 5, 3, 6);
        new Layer("w", "b", true).subtract(matrix, weight, bias);
        assertThat(weight.toFloatArray()).containsOnly(0);
        assertThat(bias.toFloatArray()).containsOnly(0);
    }

    private Covariance covariance(float... values) {
        return Covariance.of(manager.create(values, new Shape(2, 2)), false);
    }

    /** Inputs (3, 0) then (0, 1): energies 9 and 1 stay, though the layer was narrow before. */
    @Test
    void aLayerThatGrowsWideGoesOnWithTheEnergiesThatItHad() {
        NDArray task = manager.create(new float[][] {{0, 1}});
        Covariance joined =
                new Owm(1).joined(covariance(9, 0, 0, 0), Covariance.of(task, true), manager);
        assertThat(joined.isFactor()).isTrue();
        NDArray energies = joined.matrix().transpose().matMul(joined.matrix());
        assertThat(energies.toFloatArray())
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(9, 0, 0, 1);
    }

    @Test
    void aBiasThatTrainsAloneIsAMatrixWithoutWeights() {
        Layer layer = new Layer("w", "b", true);
        NDArray matrix = layer.matrixOfBias(manager.create(new float[] {5, 6}), 3, manager);
        assertThat(matrix.toFloatArray()).containsExactly(5, 0, 0, 6, 0, 0);
    }

    /** Else the constant input of a bias would be taken for an input that the layer had before. */
    @Test
    void whatIsToldAnotherWayIsNotMixedWithWhatWasKept() {
        FoundInputs alone = new FoundInputs(manager);
        alone.add(new Layer("w", null, true), manager.create(new float[][] {{3, 0}}));
        FoundInputs withBias = new FoundInputs(manager);
        withBias.add(new Layer("w", "b", true), manager.create(new float[][] {{1, 0, 0}}));
        ProjectionMemory both =
                new ProjectionMemory(manager)
                        .and(alone, new Owm(1), manager)
                        .and(withBias, new Owm(1), manager);
        Covariance kept = both.covariance("w");
        assertThat(kept).isNotNull();
        assertThat(kept.matrix().toFloatArray()).containsExactly(3, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
