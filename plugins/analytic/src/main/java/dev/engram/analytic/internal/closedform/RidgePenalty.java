package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Decides how strongly a ridge regression is penalised. */
public interface RidgePenalty {

    /**
     * Solves a problem with the λ that it decides on.
     *
     * @param scratch owns what is returned
     */
    Choice choose(Centred problem, NDManager scratch);

    /** Returns the one that always takes a share of the products' mean diagonal. */
    static RidgePenalty share(double share) {
        return (problem, scratch) -> {
            double lambda = share * problem.scale();
            Cholesky factor = problem.factor(lambda, scratch);
            return new Choice(lambda, factor.solve(problem.targets(), scratch));
        };
    }

    /**
     * What was decided.
     *
     * @param lambda what was added to the diagonal
     * @param weight the solution
     */
    record Choice(double lambda, NDArray weight) {}
}
