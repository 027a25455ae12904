package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.autograd.GradientSums;
import dev.engram.kit.autograd.RandomSigns;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How much a model's outputs answer to each parameter, on inputs of a task that it has not learnt:
 * {@code S = mean (∂ output / ∂θ)²} over samples and outputs, without any label or loss.
 *
 * <p>Estimated as the square of the gradient of {@code Σ s · output}, with an independent random
 * sign {@code s} for each output of each sample, which is without bias. Runs in evaluation mode.
 *
 * <p>What the base needs beyond, for inputs that these are not, is unknown. But most of what makes
 * a weight matter lies behind it: how much the outputs answer to the unit that it leads to. So half
 * of the importance is S, and half its mean, mostly over the weights of one unit (the first
 * dimension), and a little over the whole parameter, so that none is free.
 */
final class BaseImportance {

    private static final double OWN = 0.5;
    private static final double OF_UNIT = 0.4;
    private static final double OF_ALL = 0.1;

    /** Stands for S where there are no inputs: about its mean in a layered network. */
    private static final double UNKNOWN = 1e-3;

    private static final int GROUP = 8;
    private static final int PASSES = 64;
    private static final long SEED = 1;

    private BaseImportance() {}

    /** Returns the importance of each parameter; uniform where there are no inputs. */
    static Map<String, NDArray> of(FinishedTask base) {
        GradientSums squares = new GradientSums(base);
        double outputs = passes(base, squares);
        Map<String, NDArray> sums = squares.byName();
        if (outputs == 0) {
            sums.values().forEach(sum -> sum.addi(UNKNOWN));
            return sums;
        }
        sums.values().forEach(sum -> sum.divi(outputs));
        sums.replaceAll((name, sum) -> blended(sum, base.scratch()));
        return sums;
    }

    /** Returns how many outputs were looked at. */
    private static double passes(FinishedTask base, GradientSums squares) {
        SplittableRandom random = new SplittableRandom(SEED);
        double outputs = 0;
        for (int pass = 0; base.sampleCount() > 0 && pass < PASSES; ) {
            for (SampleBatch batch : base.samples(GROUP)) {
                if (pass++ < PASSES) {
                    outputs += backward(base, batch, random);
                    squares.add(NDArray::square);
                }
            }
        }
        return outputs;
    }

    private static NDArray blended(NDArray sum, NDManager scratch) {
        NDArray blend = sum.mul(OWN);
        blend.attach(scratch);
        try (NDManager call = scratch.newSubManager()) {
            NDArray all = sum.mean();
            all.attach(call);
            NDArray units = all;
            if (sum.getShape().dimension() > 1) {
                units = perUnit(sum, call);
            }
            NDArray shared = units.mul(OF_UNIT).add(all.mul(OF_ALL));
            shared.attach(call);
            blend.addi(shared);
        }
        return blend;
    }

    private static NDArray perUnit(NDArray sum, NDManager call) {
        int dimensions = sum.getShape().dimension();
        NDArray means = sum;
        for (int axis = 1; axis < dimensions; axis++) {
            means = means.mean(new int[] {axis}, true);
            means.attach(call);
        }
        return means;
    }

    private static double backward(FinishedTask base, SampleBatch batch, SplittableRandom random) {
        double outputs = 0;
        try (GradientCollector collector = base.newGradientCollector()) {
            NDArray sum = null;
            for (NDArray output : base.predict(batch.data())) {
                if (output.getDataType().isFloating()) {
                    NDArray signed = output.mul(signs(output, random, batch.manager())).sum();
                    sum = sum == null ? signed : sum.add(signed);
                    outputs += (double) output.size();
                }
            }
            if (sum != null) {
                collector.backward(sum);
            }
        }
        return outputs;
    }

    private static NDArray signs(NDArray like, SplittableRandom random, NDManager manager) {
        NDArray drawn = RandomSigns.of(like.getShape(), random, manager);
        NDArray signs = drawn.toType(like.getDataType(), false);
        signs.attach(manager);
        return signs;
    }
}
