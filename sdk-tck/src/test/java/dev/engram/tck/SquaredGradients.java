package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Squares of the loss's gradients, batch by batch; wrong in the way that it is told. */
final class SquaredGradients implements ImportanceEstimator {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        E1,
        E2,
        E3,
        E4,
        E5,
        E6,
        E7
    }

    private static int calls;

    private final Fault fault;
    private int tasks;

    SquaredGradients(Fault fault) {
        this.fault = fault;
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        Map<String, NDArray> sums = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
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
            case E4 -> task.parameters().get(0).value().addi(1);
            case E5 -> first.addi(calls++);
            case E6 -> sums.values().forEach(sum -> sum.muli(0));
            case E7 -> sums.values().forEach(sum -> sum.muli(++tasks));
            default -> {
                // Sound, or wrong from the start.
            }
        }
    }
}
