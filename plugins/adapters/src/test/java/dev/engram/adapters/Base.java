package dev.engram.adapters;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.TaskParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A frozen base as Engram would install it. */
record Base(Block block, NDManager manager) implements BaseModel {

    static final int WIDTH = 12;
    static final Shape INPUT = new Shape(4, 5, WIDTH);

    static Base transformer(NDManager manager) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(WIDTH).build())
                        .add(encoder())
                        .add(encoder())
                        .addSingleton(x -> x.get(new NDIndex(":, 0")))
                        .add(Linear.builder().setUnits(2).build());
        return of(block, INPUT, manager);
    }

    static Block encoder() {
        return new TransformerEncoderBlock(WIDTH, 3, 20, 0.1f, Activation::gelu);
    }

    static Base mlp(NDManager manager) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(2).build());
        return of(block, new Shape(4, WIDTH), manager);
    }

    static Base of(Block block, Shape input, NDManager manager) {
        Engine.getInstance().setRandomSeed(1);
        NDManager own = manager.newSubManager();
        block.initialize(own, DataType.FLOAT32, input);
        block.freezeParameters(true);
        return new Base(block, manager.newSubManager());
    }

    @Override
    public PairList<String, Parameter> parameters() {
        return block.getParameters();
    }

    @Override
    public List<TaskParameters> earlier() {
        return List.of();
    }

    NDList evaluate(NDList inputs) {
        return block.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
    }

    /** Copies everything but statistics, which a base in training mode goes on keeping. */
    Map<String, float[]> weights() {
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : parameters()) {
            if (!entry.getKey().contains("running")) {
                weights.put(entry.getKey(), entry.getValue().getArray().toFloatArray());
            }
        }
        return weights;
    }

    static NDList pass(TaskParameters task, NDList inputs, boolean training) {
        return task.forward(new Pass(inputs, training));
    }

    static float[] numbers(NDList outputs) {
        return outputs.head().toFloatArray();
    }

    static NDArray sequence(NDManager manager) {
        return manager.randomNormal(INPUT);
    }

    /** A pass as the installed block makes it. */
    record Pass(NDList inputs, boolean training) implements ForwardPass {

        @Override
        public ParameterStore store() {
            return new ParameterStore(inputs.getManager(), false);
        }

        @Override
        public NDList through(Block block, ParameterStore store, NDList inputs) {
            return block.forward(store, inputs, training);
        }
    }
}
