package dev.engram.analytic.internal.closedform;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;

/**
 * The nearest class mean as a linear layer: {@code −½|h − μ|²} is {@code h·μ − ½|μ|²} but for what
 * all classes share.
 */
public record NcmMethod() implements HeadMethod {

    @Override
    public String name() {
        return "ncm";
    }

    @Override
    public boolean needsProducts() {
        return false;
    }

    @Override
    public boolean needsBias() {
        return true;
    }

    @Override
    public SolvedHead solve(HeadStatistics sums, boolean hasBias, NDManager owner) {
        try (NDManager scratch = owner.newSubManager()) {
            NDArray means = ClassMeans.of(sums, scratch);
            NDArray bias = means.square().sum(new int[] {0}).mul(-0.5);
            means.attach(owner);
            bias.attach(owner);
            return SolvedHead.of(means, bias, 0, sums, true);
        }
    }
}
