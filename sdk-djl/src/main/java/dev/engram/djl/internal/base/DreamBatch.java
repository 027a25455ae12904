package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.kit.autograd.EngineMemory;

/**
 * Some inputs on their way from what they were to what the model is sure of: Adam (Kingma and Ba
 * 2015) on the inputs, under {@code CE(f(x), y) + c |x|}.
 */
final class DreamBatch {

    private static final double RATE = 0.15;
    private static final double PULL = 0.6;
    private static final float SLOW = 0.999f;
    private static final float FAST = 0.9f;
    private static final float SMALL = 1e-8f;

    private final FinishedTask base;
    private final NDManager manager;
    private final DataType type;
    private final NDArray rate;
    private final NDArray pull;
    private final NDArray low;
    private final NDArray high;
    private final NDArray first;
    private final NDArray second;
    private NDArray now;
    private int steps;

    /**
     * Begins.
     *
     * @param start float32, on the training device
     * @param type that the model takes
     * @param manager owns all arrays; closed by the caller
     */
    DreamBatch(
            FinishedTask base, NDArray start, DataType type, InputRange range, NDManager manager) {
        this.base = base;
        this.manager = manager;
        this.type = type;
        Shape sample = start.getShape().slice(1);
        this.rate = manager.create(times(range.spread, RATE), sample);
        this.pull = EngineMemory.copy(manager.create(pull(range), sample), manager);
        this.low = manager.create(range.low, sample);
        this.high = manager.create(range.high, sample);
        this.now = EngineMemory.copy(start, manager);
        this.first = now.zerosLike();
        this.second = now.zerosLike();
    }

    private static float[] times(float[] values, double factor) {
        float[] product = new float[values.length];
        for (int i = 0; i < product.length; i++) {
            product[i] = (float) (factor * values[i]);
        }
        return product;
    }

    private static float[] pull(InputRange range) {
        float[] pull = new float[range.size.length];
        for (int i = 0; i < pull.length; i++) {
            float size = range.size[i];
            pull[i] = size > 0 ? (float) (PULL / pull.length / size) : 0;
        }
        return pull;
    }

    /**
     * Goes one step towards inputs that the model takes for the classes.
     *
     * @param classes one class a sample, for each output of the model that tells classes
     */
    void step(Classes classes) {
        steps++;
        try (NDManager call = manager.newSubManager()) {
            NDArray input = owned(now, call);
            input.setRequiresGradient(true);
            try (GradientCollector collector = base.newGradientCollector()) {
                NDArray loss = input.abs().mul(pull).sum();
                NDList outputs = base.predict(new NDList(input.toType(type, false)));
                outputs.attach(call);
                loss.attach(call);
                collector.backward(loss.add(classes.loss(outputs)));
            }
            NDArray gradient = input.getGradient();
            gradient.attach(call);
            now = moved(input, gradient, call);
        }
    }

    private NDArray moved(NDArray input, NDArray gradient, NDManager call) {
        first.muli(FAST).addi(owned(gradient.mul(1 - FAST), call));
        NDArray square = owned(gradient.square(), call);
        second.muli(SLOW).addi(owned(square.mul(1 - SLOW), call));
        NDArray mean = owned(first.div((float) (1 - Math.pow(FAST, steps))), call);
        NDArray spread = owned(second.div((float) (1 - Math.pow(SLOW, steps))), call);
        NDArray way = owned(mean.div(owned(spread.sqrt(), call).add(SMALL)), call);
        NDArray free = owned(input.stopGradient(), call).sub(owned(way.mul(rate), call));
        NDArray within = owned(owned(free, call).maximum(low), call).minimum(high);
        within.attach(manager);
        return within;
    }

    private static NDArray owned(NDArray array, NDManager call) {
        array.attach(call);
        return array;
    }

    /** Returns the inputs as they are now, as the model takes them, owned by {@code owner}. */
    NDArray inputs(NDManager owner) {
        try (NDArray cut = now.stopGradient();
                NDArray typed = cut.toType(type, false)) {
            return EngineMemory.copy(typed, owner);
        }
    }
}
