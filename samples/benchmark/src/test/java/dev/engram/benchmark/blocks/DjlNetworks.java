package dev.engram.benchmark.blocks;

import static dev.engram.benchmark.blocks.BlockCase.takesNumbers;
import static dev.engram.benchmark.blocks.BlockCase.takesWords;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.nlp.SimpleTextEncoder;
import ai.djl.basicmodelzoo.tabular.TabNet;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.recurrent.RecurrentBlock;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.BertPretrainingBlock;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import java.util.List;
import java.util.stream.Stream;

/**
 * The recurrent blocks, the transformers and the networks of {@code ai.djl.basicmodelzoo}.
 *
 * <p>Of the zoo those are left out that have no small form (AlexNet, GoogLeNet, SqueezeNet, VGG),
 * learn nothing in a few steps (LeNet, NiN), or find objects, translate, and take another loss
 * (SSD, YOLO, SimpleTextDecoder): they are made of the same blocks.
 */
final class DjlNetworks {

    private static final Shape VECTOR = new Shape(6);
    private static final Shape SEQUENCE = new Shape(4, 4);
    private static final int WORDS = 24;

    private DjlNetworks() {}

    static List<BlockCase> trainable() {
        return Stream.of(recurrent(), attention(), zoo()).flatMap(List::stream).toList();
    }

    private static List<BlockCase> recurrent() {
        return List.of(
                takesNumbers("LSTM", SEQUENCE, () -> recurrent(LSTM.builder()).build()),
                takesNumbers("GRU", SEQUENCE, () -> recurrent(GRU.builder()).build()),
                takesNumbers("RNN", SEQUENCE, DjlNetworks::rnn),
                takesNumbers(
                        "LSTM with its state",
                        SEQUENCE,
                        () -> recurrent(LSTM.builder()).optReturnState(true).build()),
                takesNumbers(
                        "LSTM of two layers",
                        SEQUENCE,
                        () -> recurrent(LSTM.builder()).setNumLayers(2).build()));
    }

    private static List<BlockCase> attention() {
        return List.of(
                takesNumbers("ScaledDotProductAttention", SEQUENCE, DjlNetworks::attend),
                takesNumbers(
                        "TransformerEncoder",
                        SEQUENCE,
                        () -> new TransformerEncoderBlock(4, 2, 8, 0.1f, Activation::relu)),
                takesNumbers(
                        "PointwiseFeedForward",
                        SEQUENCE,
                        () -> new PointwiseFeedForwardBlock(List.of(8), 4, Activation::gelu)),
                takesWords("BertBlock", new Shape(5), WORDS, DjlNetworks::bert),
                takesWords("BertPretraining", new Shape(5), WORDS, DjlNetworks::pretraining));
    }

    private static List<BlockCase> zoo() {
        return List.of(
                takesNumbers("Mlp", VECTOR, () -> new Mlp(6, 8, new int[] {8})),
                takesNumbers("TabNet", VECTOR, DjlNetworks::tabNet),
                takesNumbers("ResNetV1-20", new Shape(1, 8, 8), DjlNetworks::resNet)
                        .withRate(0.003f),
                takesNumbers("MobileNetV1", new Shape(1, 32, 32), DjlNetworks::mobileNet1)
                        .withRate(0.01f),
                takesNumbers("MobileNetV2", new Shape(1, 16, 16), DjlNetworks::mobileNet2)
                        .withRate(0.01f)
                        .thatScatters(),
                takesNumbers("SimpleTextEncoder", SEQUENCE, DjlNetworks::textEncoder));
    }

    private static Block rnn() {
        return recurrent(RNN.builder()).setActivation(RNN.Activation.TANH).build();
    }

    private static <T extends RecurrentBlock.BaseBuilder<T>> T recurrent(T builder) {
        return builder.setStateSize(4).setNumLayers(1);
    }

    private static Block attend() {
        return ScaledDotProductAttentionBlock.builder().setEmbeddingSize(4).setHeadCount(2).build();
    }

    /** Masks and types are made within the model, so that its input is one array. */
    private static Block bert() {
        return new SequentialBlock()
                .add(new LambdaBlock(DjlNetworks::marked))
                .add(bertBuilder().build());
    }

    /** With the blocks that guess a masked word, here always the first, and the next sentence. */
    private static Block pretraining() {
        return new SequentialBlock()
                .add(new LambdaBlock(DjlNetworks::masked))
                .add(new BertPretrainingBlock(bertBuilder()))
                .add(new LambdaBlock(list -> new NDList(list.get(1))));
    }

    private static NDList marked(NDList list) {
        NDArray ids = list.head();
        return new NDList(ids, ids.zerosLike(), ids.onesLike());
    }

    private static NDList masked(NDList list) {
        NDList marked = marked(list);
        marked.add(list.head().get(":, 0:1").zerosLike());
        return marked;
    }

    private static BertBlock.Builder bertBuilder() {
        return BertBlock.builder()
                .setTokenDictionarySize(WORDS)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(8)
                .optTransformerBlockCount(1)
                .optAttentionHeadCount(2)
                .optHiddenSize(8)
                .optMaxSequenceLength(5);
    }

    private static Block tabNet() {
        return TabNet.builder().setInputDim(6).setOutDim(8).optNumSteps(2).build();
    }

    private static Block resNet() {
        return ResNetV1.builder()
                .setImageShape(new Shape(1, 8, 8))
                .setNumLayers(20)
                .optBatchNormMomentum(0.5f)
                .setOutSize(8)
                .build();
    }

    private static Block mobileNet1() {
        return MobileNetV1.builder()
                .optWidthMultiplier(0.125f)
                .optBatchNormMomentum(0.5f)
                .setOutSize(8)
                .build();
    }

    private static Block mobileNet2() {
        return MobileNetV2.builder()
                .optBatchNormMomentum(0.5f)
                .optFilters(new int[] {4, 4, 8, 8, 8, 8, 16, 16, 32})
                .optRepeatTimes(new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1})
                .setOutSize(8)
                .build();
    }

    private static Block textEncoder() {
        return new SimpleTextEncoder(recurrent(GRU.builder()).build());
    }
}
