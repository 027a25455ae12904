package dev.engram.metalearning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.Cleared;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.Scaled;
import java.util.ArrayList;
import java.util.List;

/**
 * A step down a batch's gradient that is taken back again: what is left are the gradients behind
 * it, and step sizes that have learnt from them.
 */
final class LookedAhead {

    private static final double TINY = 1e-30;

    /**
     * Gradients that are longer count as if they were not: a first batch is far from all it knows.
     */
    private static final double LONGEST = 2;

    private final StepView step;
    private final LearntSteps sizes;
    private final double rate;
    private final List<NDArray> before = new ArrayList<>();
    private final List<NDArray> ways = new ArrayList<>();

    LookedAhead(StepView step, LearntSteps sizes, double rate) {
        this.step = step;
        this.sizes = sizes;
        this.rate = rate;
    }

    /**
     * Looks, and learns.
     *
     * @param rehearsal adds the gradients of earlier samples
     */
    void learn(Runnable rehearsal) {
        go();
        try {
            step.batches().forEach(this::addGradient);
            rehearsal.run();
        } finally {
            takeBack();
        }
        for (int i = 0; i < ways.size(); i++) {
            LiveParameter parameter = step.parameters().get(i);
            try (NDArray gradient = parameter.gradient()) {
                sizes.learn(parameter, gradient, ways.get(i));
            }
        }
    }

    private void go() {
        NDArray factor = factor();
        for (LiveParameter parameter : step.parameters()) {
            before.add(EngineMemory.copy(parameter.value(), step.scratch()));
            try (NDArray gradient = parameter.gradient()) {
                NDArray way = gradient.mul(factor);
                way.attach(step.scratch());
                ways.add(way);
                try (NDArray scaled = way.mul(sizes.of(parameter))) {
                    parameter.value().addi(scaled);
                }
                Cleared.zero(gradient);
            }
        }
    }

    /** Returns by what a gradient is the step ahead, on the device. */
    private NDArray factor() {
        NDArray square = step.scratch().zeros(new Shape());
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient();
                    NDArray own = gradient.square();
                    NDArray sum = own.sum()) {
                square.addi(sum);
            }
        }
        double scale = step.lossScale();
        NDArray longest = square.add(TINY).pow(-0.5).mul(LONGEST * scale);
        return longest.minimum(1).mul(-rate / scale);
    }

    private void addGradient(StepBatch batch) {
        double weight = step.lossScale() / step.batches().size();
        try (GradientCollector collector = step.trainer().newGradientCollector()) {
            // A recurrent block adds its begin states to the list that it is called with.
            NDList predictions = step.trainer().forward(new NDList(batch.data()), batch.labels());
            NDArray loss = step.loss().evaluate(batch.labels(), predictions);
            collector.backward(Scaled.by(weight, loss));
        }
    }

    private void takeBack() {
        for (int i = 0; i < before.size(); i++) {
            EngineMemory.write(before.get(i), step.parameters().get(i).value());
        }
    }
}
