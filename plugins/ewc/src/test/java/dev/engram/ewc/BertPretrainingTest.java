package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.BertPretrainingBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Outputs of several rows a sample, a loss that masks, and a block that takes no single sample. */
class BertPretrainingTest {

    private static final int WORDS = 24;
    private static final int LENGTH = 6;
    private static final int MASKED = 2;

    @ParameterizedTest
    @EnumSource(FisherEstimator.class)
    void twoTasksAreLearntAndGuarded(FisherEstimator estimator) {
        try (Model model = Toy.model(new BertPretrainingBlock(tiny()));
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc-online", Map.of("estimator", estimator.name()))
                                .optSampleCapacity(17)
                                .build()) {
            train(model, 1, listener);
            train(model, 2, listener);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(listener.effect("ewc-online").orElseThrow().penalty()).isPositive();
        }
    }

    private static BertBlock.Builder tiny() {
        return BertBlock.builder()
                .setTokenDictionarySize(WORDS)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(8)
                .optTransformerBlockCount(1)
                .optAttentionHeadCount(2)
                .optHiddenSize(8)
                .optMaxSequenceLength(LENGTH);
    }

    private static void train(Model model, int seed, ForgettingListener listener) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(new MaskedLoss())
                        .addTrainingListeners(listener)
                        .optOptimizer(Toy.adam());
        Random random = new Random(seed);
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = model.newTrainer(config)) {
            Shape tokens = new Shape(8, LENGTH);
            trainer.initialize(tokens, tokens, tokens, new Shape(8, MASKED));
            for (int i = 0; i < 4; i++) {
                try (Batch batch = batch(manager.newSubManager(), random)) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
            }
            trainer.notifyListeners(each -> each.onEpoch(trainer));
        }
    }

    private static Batch batch(NDManager own, Random random) {
        int size = 8;
        NDList data =
                new NDList(
                        integers(own, random, WORDS, size, LENGTH),
                        integers(own, random, 2, size, LENGTH),
                        own.ones(new Shape(size, LENGTH), DataType.INT32),
                        integers(own, random, LENGTH, size, MASKED));
        NDArray mask = integers(own, random, 2, size, MASKED);
        NDList labels =
                new NDList(
                        integers(own, random, 2, size),
                        integers(own, random, WORDS, size, MASKED),
                        mask);
        return new Batch(own, data, labels, size, null, null, 0, 0);
    }

    private static NDArray integers(NDManager own, Random random, int bound, long... shape) {
        Shape all = new Shape(shape);
        return own.create(random.ints(all.size(), 0, bound).toArray(), all);
    }

    /**
     * What {@code BertPretrainingLoss} computes, without its numbers inside autograd, which the
     * collector may free before the backward pass.
     */
    private static final class MaskedLoss extends Loss {

        MaskedLoss() {
            super("masked");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray next = likelihood(predictions.get(0), labels.get(0)).mean();
            NDArray mask = labels.get(2).flatten().toType(DataType.FLOAT32, true);
            NDArray words = likelihood(predictions.get(1), labels.get(1).flatten()).mul(mask).sum();
            return next.add(words.div(mask.sum().add(1e-5f))).neg();
        }

        private static NDArray likelihood(NDArray logits, NDArray labels) {
            int classes = (int) logits.getShape().get(1);
            return logits.mul(labels.oneHot(classes)).sum(new int[] {1});
        }
    }
}
