package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.api.EngramException;

/**
 * Streaming linear discriminant analysis (Hayes and Kanan 2020): class means and one covariance
 * within the classes, {@code Λ = ((1 − ε)Σ + εI)⁻¹}, {@code w = Λμ}, {@code b = −½ μᵀΛμ}.
 */
public record SldaMethod(double shrinkage) implements HeadMethod {

    @Override
    public String name() {
        return "slda";
    }

    @Override
    public boolean needsProducts() {
        return true;
    }

    @Override
    public boolean needsBias() {
        return true;
    }

    @Override
    public SolvedHead solve(HeadStatistics sums, boolean hasBias, NDManager owner) {
        try (NDManager scratch = owner.newSubManager()) {
            NDArray means = ClassMeans.of(sums, scratch);
            NDArray covariance = covariance(sums, means, scratch);
            covariance.muli(1 - shrinkage);
            Diagonal.add(covariance, shrinkage);
            NDArray weight = factor(covariance, scratch).solve(means, scratch);
            NDArray bias = means.mul(weight).sum(new int[] {0}).mul(-0.5);
            weight.attach(owner);
            bias.attach(owner);
            return SolvedHead.of(weight, bias, 0, sums, true);
        }
    }

    /** Returns {@code 1/N Σ (h − μ)(h − μ)ᵀ}, each sample around its own class's mean. */
    public static NDArray covariance(HeadStatistics sums, NDArray means, NDManager scratch) {
        NDArray products = sums.products().dense(scratch);
        products.subi(sums.sums().matMul(means.transpose()));
        products.divi((double) sums.samples());
        return products;
    }

    private Cholesky factor(NDArray covariance, NDManager scratch) {
        try {
            return Cholesky.of(covariance, scratch);
        } catch (ArithmeticException e) {
            throw new EngramException(
                    "slda: the covariance of the features cannot be inverted, because some features never change, or follow from others: raise the shrinkage (%s)"
                            .formatted(shrinkage),
                    e);
        }
    }
}
