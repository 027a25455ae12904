package dev.engram.benchmark.blocks;

import static dev.engram.benchmark.blocks.BlockCase.takesNumbers;
import static dev.engram.benchmark.blocks.BlockCase.takesWords;

import ai.djl.modality.nlp.DefaultVocabulary;
import ai.djl.modality.nlp.embedding.TrainableWordEmbedding;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv1dTranspose;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.LinearCollection;
import ai.djl.nn.core.Multiplication;
import ai.djl.nn.core.SparseMax;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.IdEmbedding;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The blocks of {@code ai.djl.nn} that others are made of. */
final class DjlBlocks {

    private static final Shape VECTOR = new Shape(6);
    private static final Shape SIGNAL = new Shape(2, 8);
    private static final Shape SEQUENCE = new Shape(4, 4);
    private static final Shape IMAGE = new Shape(2, 6, 6);
    private static final Shape VOLUME = new Shape(1, 4, 4, 4);

    private DjlBlocks() {}

    static List<BlockCase> trainable() {
        Stream<BlockCase> adapted =
                Stream.of(dense(), activations(), convolutions(), bothWays()).flatMap(List::stream);
        Stream<BlockCase> others =
                Stream.of(products(), words(), pools(), norms()).flatMap(List::stream);
        return Stream.concat(adapted, others.map(BlockCase::withoutAdapter)).toList();
    }

    /** What DJL 0.36.0 cannot train on PyTorch. */
    static List<BlockCase> untrainable() {
        return List.of(
                takesNumbers("Conv1dTranspose", SIGNAL, DjlBlocks::conv1dTranspose)
                        .failsWith("Not implemented"),
                takesNumbers("Conv2dTranspose", IMAGE, DjlBlocks::conv2dTranspose)
                        .failsWith("Not implemented"),
                activation("Prelu", DjlBlocks::prelu).failsWith("Not implemented"));
    }

    /**
     * What DJL 0.36.0 must not run on PyTorch, which takes the weights of one direction for the
     * other's biases: it notices with a {@code GRU}, not with an {@code LSTM}.
     */
    static List<BlockCase> refused() {
        return List.of(
                takesNumbers("LSTM both ways", SEQUENCE, () -> lstm().build()),
                takesNumbers("GRU both ways", SEQUENCE, () -> gru().build()),
                takesNumbers("RNN both ways", SEQUENCE, () -> rnn().build()));
    }

    private static List<BlockCase> bothWays() {
        return List.of(
                takesNumbers(
                        "LSTM both ways, without biases",
                        SEQUENCE,
                        () -> lstm().optHasBiases(false).build()),
                takesNumbers(
                        "GRU both ways, without biases",
                        SEQUENCE,
                        () -> gru().optHasBiases(false).build()),
                takesNumbers(
                        "RNN both ways, without biases",
                        SEQUENCE,
                        () -> rnn().optHasBiases(false).build()));
    }

    private static List<BlockCase> dense() {
        return List.of(
                takesNumbers("Linear", VECTOR, DjlBlocks::linear),
                takesNumbers("SparseMax", VECTOR, () -> behindLinear(new SparseMax())),
                takesNumbers("ParallelBlock", VECTOR, DjlBlocks::parallel));
    }

    private static List<BlockCase> products() {
        return List.of(
                takesNumbers("identity", VECTOR, Blocks::identityBlock),
                takesNumbers("LinearCollection", new Shape(3, 4), DjlBlocks::collection),
                takesNumbers("Multiplication", VECTOR, DjlBlocks::multiplication));
    }

    private static List<BlockCase> words() {
        return List.of(
                takesWords("IdEmbedding", new Shape(5), 24, DjlBlocks::ids),
                takesWords("TrainableWordEmbedding", new Shape(5), 24, DjlBlocks::vocabulary));
    }

    private static List<BlockCase> activations() {
        return List.of(
                activation("relu", Activation::reluBlock),
                activation("relu6", Activation::relu6Block),
                activation("leakyRelu", () -> Activation.leakyReluBlock(0.1f)),
                activation("elu", () -> Activation.eluBlock(1f)),
                activation("selu", Activation::seluBlock),
                activation("gelu", Activation::geluBlock),
                activation("swish", () -> Activation.swishBlock(1f)),
                activation("mish", Activation::mishBlock),
                activation("tanh", Activation::tanhBlock),
                activation("sigmoid", Activation::sigmoidBlock),
                activation("softPlus", Activation::softPlusBlock),
                activation("softSign", Activation::softSignBlock));
    }

    private static List<BlockCase> convolutions() {
        return List.of(
                takesNumbers("Conv1d", SIGNAL, DjlBlocks::conv1d),
                takesNumbers("Conv2d", IMAGE, DjlBlocks::conv2d),
                takesNumbers("Conv3d", VOLUME, DjlBlocks::conv3d));
    }

    private static List<BlockCase> pools() {
        Shape one = new Shape(2);
        Shape two = new Shape(2, 2);
        Shape three = new Shape(2, 2, 2);
        return List.of(
                takesNumbers("maxPool1d", SIGNAL, () -> Pool.maxPool1dBlock(one, one)),
                takesNumbers("maxPool2d", IMAGE, () -> Pool.maxPool2dBlock(two, two)),
                takesNumbers("maxPool3d", VOLUME, () -> Pool.maxPool3dBlock(three)),
                takesNumbers("avgPool1d", SIGNAL, () -> Pool.avgPool1dBlock(one, one)),
                takesNumbers("avgPool2d", IMAGE, () -> Pool.avgPool2dBlock(two, two)),
                takesNumbers("avgPool3d", VOLUME, () -> Pool.avgPool3dBlock(three)),
                takesNumbers("lpPool1d", SIGNAL, () -> Pool.lpPool1dBlock(2, one)),
                takesNumbers("lpPool2d", IMAGE, () -> Pool.lpPool2dBlock(2, two, two)),
                takesNumbers("globalMaxPool2d", new Shape(8, 3, 3), Pool::globalMaxPool2dBlock),
                takesNumbers("globalAvgPool2d", new Shape(8, 3, 3), Pool::globalAvgPool2dBlock));
    }

    private static List<BlockCase> norms() {
        return List.of(
                takesNumbers("BatchNorm", VECTOR, () -> BatchNorm.builder().build()),
                takesNumbers("BatchNorm of images", IMAGE, () -> BatchNorm.builder().build()),
                takesNumbers("GhostBatchNorm", VECTOR, DjlBlocks::ghost),
                takesNumbers("LayerNorm", VECTOR, () -> LayerNorm.builder().build()),
                takesNumbers("Dropout", VECTOR, () -> Dropout.builder().optRate(0.1f).build()));
    }

    private static BlockCase activation(String name, Supplier<Block> block) {
        return takesNumbers(name, VECTOR, () -> behindLinear(block.get()));
    }

    private static Block behindLinear(Block block) {
        return new SequentialBlock().add(linear()).add(block);
    }

    private static Block linear() {
        return Linear.builder().setUnits(8).build();
    }

    private static Block parallel() {
        return new ParallelBlock(
                lists -> new NDList(lists.get(0).head().add(lists.get(1).head())),
                List.of(linear(), linear()));
    }

    private static Block collection() {
        return LinearCollection.builder().setUnits(4).build();
    }

    /** It puts its units before the samples. */
    private static Block multiplication() {
        return new SequentialBlock()
                .add(Multiplication.builder().setUnits(4).build())
                .add(new LambdaBlock(list -> new NDList(list.head().transpose(1, 0, 2))));
    }

    private static Block prelu() {
        Block prelu = Activation.preluBlock();
        prelu.setInitializer(new ConstantInitializer(0.25f), each -> true);
        return prelu;
    }

    /** It puts the virtual batches into a dimension of their own. */
    private static Block ghost() {
        return new SequentialBlock()
                .add(GhostBatchNorm.builder().optVirtualBatchSize(8).build())
                .add(new LambdaBlock(list -> new NDList(list.head().reshape(-1, VECTOR.size()))));
    }

    private static Block ids() {
        return new IdEmbedding.Builder().setDictionarySize(24).setEmbeddingSize(4).build();
    }

    private static Block vocabulary() {
        List<String> words = IntStream.range(0, 23).mapToObj(i -> "word" + i).toList();
        return TrainableWordEmbedding.builder()
                .setVocabulary(DefaultVocabulary.builder().add(words).optUnknownToken().build())
                .setEmbeddingSize(4)
                .build();
    }

    private static Block conv1d() {
        return Conv1d.builder().setFilters(4).setKernelShape(new Shape(3)).build();
    }

    private static Block conv2d() {
        return Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build();
    }

    private static Block conv3d() {
        return Conv3d.builder().setFilters(4).setKernelShape(new Shape(2, 2, 2)).build();
    }

    private static Block conv1dTranspose() {
        return Conv1dTranspose.builder().setFilters(3).setKernelShape(new Shape(3)).build();
    }

    private static Block conv2dTranspose() {
        return Conv2dTranspose.builder().setFilters(3).setKernelShape(new Shape(2, 2)).build();
    }

    private static LSTM.Builder lstm() {
        return LSTM.builder()
                .setStateSize(4)
                .setNumLayers(1)
                .optBidirectional(true)
                .optReturnState(false);
    }

    private static GRU.Builder gru() {
        return GRU.builder().setStateSize(4).setNumLayers(1).optBidirectional(true);
    }

    private static RNN.Builder rnn() {
        return RNN.builder()
                .setStateSize(4)
                .setNumLayers(1)
                .setActivation(RNN.Activation.TANH)
                .optBidirectional(true);
    }
}
