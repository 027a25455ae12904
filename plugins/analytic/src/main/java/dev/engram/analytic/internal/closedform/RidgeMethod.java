package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;

/**
 * Ridge regression onto one output a class: {@code W = (G + λI)⁻¹ Q} with {@code G = Σ h hᵀ} and
 * {@code Q = Σ h yᵀ}; a bias is not penalised.
 */
public record RidgeMethod(RidgePenalty penalty) implements HeadMethod {

    @Override
    public String name() {
        return "ridge-head";
    }

    @Override
    public boolean needsProducts() {
        return true;
    }

    @Override
    public boolean needsBias() {
        return false;
    }

    @Override
    public SolvedHead solve(HeadStatistics sums, boolean hasBias, NDManager owner) {
        try (NDManager scratch = owner.newSubManager()) {
            Centred problem = Centred.of(sums, hasBias, scratch);
            RidgePenalty.Choice chosen = penalty.choose(problem, scratch);
            NDArray weight = chosen.weight();
            NDArray across = problem.mean().transpose().matMul(weight);
            NDArray bias = problem.shares().sub(across).reshape(-1);
            weight.attach(owner);
            bias.attach(owner);
            return SolvedHead.of(weight, bias, chosen.lambda(), sums, hasBias);
        }
    }
}
