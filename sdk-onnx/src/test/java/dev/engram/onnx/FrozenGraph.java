package dev.engram.onnx;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import java.nio.file.Path;
import java.util.List;

/** A graph as Engram would put it under a task, and passes through it. */
record FrozenGraph(OnnxBlock block, NDManager manager) implements BaseModel, AutoCloseable {

    static FrozenGraph of(Path file) throws Exception {
        Engine.getEngine("PyTorch").setRandomSeed(1);
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        block.freezeParameters(true);
        return new FrozenGraph(block, NDManager.newBaseManager(Device.cpu(), "PyTorch"));
    }

    @Override
    public PairList<String, Parameter> parameters() {
        return block.getParameters();
    }

    @Override
    public List<TaskParameters> earlier() {
        return List.of();
    }

    NDList outputs(NDList inputs) {
        return block.forward(new ParameterStore(manager, false), inputs, false);
    }

    NDList outputs(TaskParameters task, NDList inputs, boolean training) {
        return task.forward(new Pass(inputs, new ParameterStore(manager, false), training));
    }

    /**
     * Returns the gradient of a parameter next to what differences of the loss say: for some
     * entries, one after the other.
     */
    double[][] gradients(TaskParameters task, String name, NDList inputs, int entries) {
        Parameter parameter = task.parameters().get(name);
        NDArray array = parameter.getArray();
        array.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(loss(task, inputs));
        }
        float[] gradient = array.getGradient().toFloatArray();
        array.setRequiresGradient(false);
        float[] values = array.toFloatArray();
        double[][] both = new double[entries][];
        for (int i = 0; i < entries; i++) {
            float step = 1e-3f;
            double up = lossWith(task, inputs, array, values, i, step);
            double down = lossWith(task, inputs, array, values, i, -step);
            both[i] = new double[] {gradient[i], (up - down) / (2 * step)};
        }
        array.set(values);
        return both;
    }

    /** Draws the last output to its first class, some steps long; returns the last loss. */
    float descend(TaskParameters task, String name, NDList inputs, int steps) {
        NDArray array = task.parameters().get(name).getArray();
        float last = 0;
        for (int step = 0; step < steps; step++) {
            array.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDList outputs = outputs(task, inputs, true);
                NDArray classes = outputs.get(outputs.size() - 1);
                NDArray loss = classes.logSoftmax(1).get(":, 0").mean().neg();
                collector.backward(loss);
                last = loss.getFloat();
            }
            NDArray change = array.getGradient().mul(0.5);
            array.setRequiresGradient(false);
            array.subi(change);
        }
        return last;
    }

    private double lossWith(
            TaskParameters task, NDList inputs, NDArray array, float[] values, int at, float by) {
        float[] moved = values.clone();
        moved[at] += by;
        array.set(moved);
        return loss(task, inputs).getFloat();
    }

    /** Weighs all outputs, so that none of them falls out by a norm. */
    private NDArray loss(TaskParameters task, NDList inputs) {
        NDArray loss = inputs.getManager().create(0f);
        for (NDArray output : outputs(task, inputs, true)) {
            NDArray weights = output.getManager().arange((float) output.size()).sin();
            loss = loss.add(output.flatten().mul(weights).sum());
        }
        return loss;
    }

    @Override
    public void close() {
        block.clear();
        manager.close();
    }

    private record Pass(NDList inputs, ParameterStore store, boolean training)
            implements ForwardPass {

        @Override
        public NDList through(Block block, ParameterStore asked, NDList data) {
            return block.forward(asked, data, training);
        }
    }
}
