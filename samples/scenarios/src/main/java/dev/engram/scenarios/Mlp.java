package dev.engram.scenarios;

import ai.djl.Model;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.List;

/** The multi-layer perceptron of the protocols: ReLU between linear layers. */
public final class Mlp {

    private Mlp() {}

    /** Returns a new model whose parameters have no values yet. */
    public static Model model(List<Integer> hidden, int outputs) {
        SequentialBlock block = new SequentialBlock().add(Blocks.batchFlattenBlock());
        for (int units : hidden) {
            block.add(Linear.builder().setUnits(units).build()).add(Activation.reluBlock());
        }
        block.add(Linear.builder().setUnits(outputs).build());
        Model model = Model.newInstance("mlp");
        model.setBlock(block);
        return model;
    }
}
