package dev.engram.djl.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How much a model's outputs answer to each parameter, on inputs of a task that it has not learnt:
 * {@code S = Σ_samples Σ_outputs (∂ output / ∂θ)²}, without any label or loss.
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
    private static final int GROUP = 8;
    private static final int PASSES = 64;
    private static final long SEED = 1;

    private BaseImportance() {}

    /** Returns the importance of each parameter; uniform where there are no inputs. */
    static Map<String, NDArray> of(FinishedTask base) {
        Map<String, NDArray> sums = new LinkedHashMap<>();
        for (LiveParameter parameter : base.parameters()) {
            NDArray zeros = parameter.value().zerosLike();
            zeros.attach(base.scratch());
            sums.put(parameter.name(), zeros);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        long groups = (base.sampleCount() + GROUP - 1) / GROUP;
        for (long pass = 0; groups > 0 && pass < PASSES; ) {
            for (SampleBatch batch : base.samples(GROUP)) {
                if (pass++ < PASSES) {
                    backward(base, batch, random);
                    addSquares(base, sums);
                }
            }
        }
        sums.replaceAll((name, sum) -> blended(sum, base.scratch()));
        return sums;
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

    private static void backward(FinishedTask base, SampleBatch batch, SplittableRandom random) {
        try (GradientCollector collector = base.newGradientCollector()) {
            NDArray sum = null;
            for (NDArray output : base.predict(batch.data())) {
                if (output.getDataType().isFloating()) {
                    NDArray signed = output.mul(signs(output, random, batch.manager())).sum();
                    sum = sum == null ? signed : sum.add(signed);
                }
            }
            if (sum != null) {
                collector.backward(sum);
            }
        }
    }

    private static NDArray signs(NDArray like, SplittableRandom random, NDManager manager) {
        float[] signs = new float[Math.toIntExact(like.size())];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        // Added to: the sum lies in the engine's memory, where autograd may keep it.
        NDArray drawn = manager.create(signs, like.getShape());
        return like.stopGradient().zerosLike().add(drawn);
    }

    private static void addSquares(FinishedTask base, Map<String, NDArray> sums) {
        for (LiveParameter parameter : base.parameters()) {
            NDArray sum = sums.get(parameter.name());
            try (NDArray gradient = parameter.gradient();
                    NDArray square = gradient.square()) {
                if (sum != null) {
                    sum.addi(square);
                }
                gradient.subi(gradient);
            }
        }
    }
}
