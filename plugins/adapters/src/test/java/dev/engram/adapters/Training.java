package dev.engram.adapters;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.isolation.TaskParameters;
import java.util.ArrayList;
import java.util.List;

/** How the tests make adapters and train them. */
final class Training {

    private Training() {}

    static BottleneckAdapters houlsby(Gate gate) {
        return BottleneckAdapters.builder()
                .optOwned("")
                .optBottleneck(6)
                .optPlacement(Placement.HOULSBY)
                .optActivation(AdapterActivation.RELU)
                .optGate(gate)
                .build();
    }

    static BottleneckAdapters smooth(Gate gate) {
        return BottleneckAdapters.builder()
                .optOwned("")
                .optBottleneck(6)
                .optPlacement(Placement.HOULSBY)
                .optActivation(AdapterActivation.GELU)
                .optGate(gate)
                .build();
    }

    /** The statistics of batch normalisations are a task's own, too, but nobody trains them. */
    static List<Parameter> trained(TaskParameters task) {
        return task.parameters().values().stream().filter(Parameter::requiresGradient).toList();
    }

    static void shake(TaskParameters task) {
        for (Parameter parameter : trained(task)) {
            NDArray array = parameter.getArray();
            array.setRequiresGradient(false);
            array.addi(array.getManager().randomNormal(array.getShape()).mul(0.2f));
        }
    }

    /** The class is told by the sign of one feature of the first position. */
    static List<Float> train(TaskParameters task, int steps) {
        Engine.getInstance().setRandomSeed(3);
        List<Float> losses = new ArrayList<>();
        NDManager manager = task.parameters().valueAt(0).getArray().getManager().newSubManager();
        NDArray x = manager.randomNormal(new Shape(64, 5, Base.WIDTH));
        NDArray labels = x.get(":, 0, 3").gt(0).toType(DataType.INT64, false);
        Loss loss = Loss.softmaxCrossEntropyLoss();
        Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(0.01f)).build();
        for (int step = 0; step < steps; step++) {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDList out = Base.pass(task, new NDList(x), true);
                NDArray value = loss.evaluate(new NDList(labels), out);
                collector.backward(value);
                losses.add(value.getFloat());
            }
            for (Parameter parameter : trained(task)) {
                NDArray array = parameter.getArray();
                adam.update(parameter.getId(), array, array.getGradient());
            }
        }
        manager.close();
        return losses;
    }
}
