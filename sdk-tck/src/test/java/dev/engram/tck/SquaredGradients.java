package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Squares of the loss's gradients, batch by batch; wrong in the way that it is told. */
final class SquaredGradients implements ImportanceEstimator {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        E1,
        E2,
        /** Tells what matters in its last parameter alone, and names that one first. */
        E2_REVERSED,
        E3,
        E4,
        E5,
        E6,
        /** Once it estimated, nothing is learnt any more. */
        E6_STOPS,
        E7
    }

    private static int calls;

    private final Fault fault;
    private final boolean isReversed;
    private int tasks;

    /** Creates one that may name the parameters in another order than the model's. */
    SquaredGradients(Fault fault, boolean isReversed) {
        this.fault = fault;
        this.isReversed = isReversed;
    }

    @Override
    public void onBackward(StepView step) {
        if (fault == Fault.E6_STOPS && tasks > 0) {
            for (LiveParameter parameter : step.parameters()) {
                try (NDArray gradient = parameter.gradient()) {
                    gradient.muli(0);
                }
            }
        }
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        Map<String, NDArray> sums = new LinkedHashMap<>();
        List<LiveParameter> parameters = new ArrayList<>(task.parameters());
        if (isReversed) {
            Collections.reverse(parameters);
        }
        for (LiveParameter parameter : parameters) {
            NDArray sum = parameter.value().zerosLike();
            sum.attach(fault == Fault.E3 ? task.manager() : task.scratch());
            sums.put(parameter.name(), sum);
        }
        for (SampleBatch batch : task.samples(1)) {
            add(task, batch, sums);
        }
        spoil(task, sums);
        return sums;
    }

    private static void add(FinishedTask task, SampleBatch batch, Map<String, NDArray> sums) {
        try (GradientCollector collector = task.newGradientCollector()) {
            NDList outputs = task.predict(batch.data());
            collector.backward(task.loss().evaluate(batch.labels(), outputs));
        }
        for (LiveParameter parameter : task.parameters()) {
            try (NDArray gradient = parameter.gradient();
                    NDArray square = gradient.square()) {
                square.divi(task.sampleCount());
                sums.get(parameter.name()).addi(square);
                gradient.muli(0);
            }
        }
    }

    private void spoil(FinishedTask task, Map<String, NDArray> sums) {
        NDArray first = sums.values().iterator().next();
        switch (fault) {
            case E1 -> first.subi(1);
            case E2 -> sums.values().forEach(sum -> sum.muli(0).addi(1));
            case E2_REVERSED -> {
                sums.values().forEach(sum -> sum.muli(0).addi(1));
                first.set(new NDIndex(":2"), 2);
            }
            case E4 -> task.parameters().get(0).value().addi(1);
            case E5 -> first.addi(calls++);
            case E6 -> sums.values().forEach(sum -> sum.muli(0));
            case E6_STOPS -> tasks++;
            case E7 -> sums.values().forEach(sum -> sum.muli(++tasks));
            default -> {
                // Sound, or wrong from the start.
            }
        }
    }
}
