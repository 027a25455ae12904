package dev.engram.kit.compose;

import ai.djl.Device;
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
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import java.util.List;

/** Small blocks of every kind, and their inputs. */
final class Blocks {

    static final int WIDTH = 12;
    static final int HEADS = 3;
    static final Shape SEQUENCE = new Shape(2, 5, WIDTH);

    private Blocks() {}

    static Block attention(int heads) {
        return ScaledDotProductAttentionBlock.builder()
                .setEmbeddingSize(WIDTH)
                .setHeadCount(heads)
                .build();
    }

    static Block encoder(float dropout) {
        return new TransformerEncoderBlock(WIDTH, HEADS, 20, dropout, Activation::gelu);
    }

    static Block feedForward() {
        return new PointwiseFeedForwardBlock(List.of(16, 8), 4, Activation::relu);
    }

    static Block stack(float dropout) {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(WIDTH).build())
                .add(encoder(dropout))
                .add(encoder(dropout))
                .add(
                        new SequentialBlock()
                                .add(Linear.builder().setUnits(6).build())
                                .add(Activation.reluBlock())
                                .add(Linear.builder().setUnits(3).build()));
    }

    static BertBlock bert() {
        return BertBlock.builder()
                .setTokenDictionarySize(30)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(WIDTH)
                .optAttentionHeadCount(HEADS)
                .optTransformerBlockCount(2)
                .optHiddenSize(20)
                .optMaxSequenceLength(5)
                .build();
    }

    /** Returns the block with arrays, none of them constant. */
    static <B extends Block> B initialized(B block, NDManager manager, Shape... inputs) {
        Engine.getInstance().setRandomSeed(1);
        block.initialize(manager, DataType.FLOAT32, inputs);
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            array.setRequiresGradient(false);
            array.addi(manager.randomUniform(0.01f, 0.3f, array.getShape()));
            array.setRequiresGradient(parameter.requiresGradient());
        }
        return block;
    }

    static BertBlock initializedBert(NDManager manager) {
        Shape ids = new Shape(2, 5);
        return initialized(bert(), manager, ids, ids, ids);
    }

    static NDArray sequence(NDManager manager) {
        return manager.randomNormal(SEQUENCE);
    }

    static NDArray mask(NDManager manager) {
        NDArray mask = manager.ones(new Shape(2, 5, 5));
        mask.set(new NDIndex("1, :, 3:"), 0);
        return mask;
    }

    static NDList bertInputs(NDManager manager) {
        NDArray tokens = manager.create(new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 29});
        NDArray types = manager.create(new long[] {0, 0, 1, 1, 1, 0, 0, 0, 1, 1});
        NDArray masks = manager.create(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
        return new NDList(tokens.reshape(2, 5), types.reshape(2, 5), masks.reshape(2, 5));
    }

    static NDList evaluate(Block block, NDList inputs) {
        return block.forward(new ParameterStore(inputs.getManager(), false), inputs, false);
    }

    static List<String> bertParameters() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            return initializedBert(manager).getParameters().keys();
        }
    }
}
