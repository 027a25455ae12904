package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.autograd.Scaled;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Fisher under losses and outputs that are not one mean over one row a sample. */
class FisherLossesTest {

    private static final Loss CROSS_ENTROPY = Loss.softmaxCrossEntropyLoss();
    private static final int SAMPLES = 1200;

    static Stream<Arguments> lossesThatAreNoMeanOverSamples() {
        Loss masked = loss((labels, outputs) -> weighed(labels, outputs, labels.gt(0)));
        Loss weighed = loss((labels, outputs) -> weighed(labels, outputs, labels.add(1)));
        Loss logOfMean =
                loss((labels, outputs) -> perSample(labels, outputs).mean().add(0.1f).log());
        Loss squared =
                loss(
                        (labels, outputs) ->
                                Scaled.by(
                                        (double) labels.size(), perSample(labels, outputs).sum()));
        return Stream.of(masked, weighed, logOfMean, squared)
                .flatMap(loss -> Stream.of(Arguments.of(loss, 8), Arguments.of(loss, 64)));
    }

    @ParameterizedTest
    @MethodSource("lossesThatAreNoMeanOverSamples")
    void theSketchTakesEachSamplesLossAloneAsTheExactFisherDoes(Loss loss, int batchSize) {
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 1, Toy.adam());
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, SAMPLES);
            double exact = sum(CapturedFisher.of(exact(), model, data, loss, SAMPLES));
            double sketch = sum(CapturedFisher.of(sketched(batchSize), model, data, loss, SAMPLES));
            assertThat(sketch / exact).isEqualTo(1, within(batchSize == 8 ? 0.15 : 0.4));
        }
    }

    /**
     * A batch costs one evaluation and three to see that the loss says the same of samples alone.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLossOfTheUsersOwnThatIsAMeanOrASumIsNotAskedOnceASample(boolean isMean) {
        AtomicInteger asked = new AtomicInteger();
        Loss own =
                loss(
                        (labels, outputs) -> {
                            asked.incrementAndGet();
                            NDArray each = perSample(labels, outputs);
                            return isMean ? each.mean() : each.sum();
                        });
        try (Model model = Toy.model(Toy.mlp())) {
            Toy.fit(model, 0, 1, Toy.adam());
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, SAMPLES);
            double known =
                    sum(CapturedFisher.of(sketched(64), model, data, CROSS_ENTROPY, SAMPLES));
            asked.set(0);
            double sketch = sum(CapturedFisher.of(sketched(64), model, data, own, SAMPLES));
            assertThat(sketch / known).isEqualTo(1, within(1e-3));
            assertThat(asked.get()).isLessThanOrEqualTo(4 * (SAMPLES / 64 + 1));
        }
    }

    @Test
    void aLossThatWeighsWithinABatchIsAskedOnceASampleAndLittleMore() {
        AtomicInteger asked = new AtomicInteger();
        Loss masked =
                loss(
                        (labels, outputs) -> {
                            asked.incrementAndGet();
                            return weighed(labels, outputs, labels.add(1));
                        });
        try (Model model = Toy.model(Toy.mlp())) {
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, SAMPLES);
            Toy.fit(model, 0, 1, Toy.adam());
            CapturedFisher.of(sketched(64), model, data, masked, SAMPLES);
            assertThat(asked.get()).isBetween(SAMPLES, SAMPLES + 4);
        }
    }

    static Stream<Arguments> outputs() {
        Loss tokens =
                loss(
                        (labels, outputs) ->
                                CROSS_ENTROPY.evaluate(
                                        new NDList(labels.reshape(-1)), new NDList(outputs)));
        return Stream.of(
                Arguments.of(
                        "two rows a sample",
                        tokens,
                        (Function<NDArray, NDList>) x -> new NDList(x.reshape(-1, 3))),
                Arguments.of(
                        "an int64 output beside",
                        loss((labels, x) -> CROSS_ENTROPY.evaluate(first(labels), new NDList(x))),
                        (Function<NDArray, NDList>) x -> new NDList(x, x.argMax(1))),
                Arguments.of(
                        "a float that the loss does not ask for",
                        loss((labels, x) -> CROSS_ENTROPY.evaluate(first(labels), new NDList(x))),
                        (Function<NDArray, NDList>) x -> new NDList(x, Scaled.by(2, x))),
                Arguments.of(
                        "a scalar beside",
                        loss((labels, x) -> CROSS_ENTROPY.evaluate(first(labels), new NDList(x))),
                        (Function<NDArray, NDList>) x -> new NDList(x, x.mean())),
                Arguments.of(
                        "a scalar",
                        loss((labels, loss) -> loss.square()),
                        (Function<NDArray, NDList>) x -> new NDList(x.mean())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outputs")
    void outputsOfAnyShapeGiveTheExactFisher(
            String name, Loss loss, Function<NDArray, NDList> shape) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(6).build())
                        .add(new LambdaBlock(list -> shape.apply(list.head())));
        try (Model model = initialised(block, Toy.FEATURES)) {
            ArrayDataset data = twoLabels(model);
            double exact = sum(CapturedFisher.of(exact(), model, data, loss, SAMPLES));
            double sketch = sum(CapturedFisher.of(sketched(16), model, data, loss, SAMPLES));
            assertThat(exact).as(name).isPositive();
            assertThat(sketch / exact).isEqualTo(1, within(0.2));
        }
    }

    /** One logit z and p = σ(z): the Fisher of z is p (1 - p), whatever the data's labels. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void labelsDrawnFromOneLogitGiveTheFisherOfABernoulliVariable(boolean fromSigmoid) {
        SequentialBlock block = new SequentialBlock().add(Linear.builder().setUnits(1).build());
        if (fromSigmoid) {
            block.add(
                    new LambdaBlock(
                            list -> new NDList(list.head().getNDArrayInternal().sigmoid())));
        }
        try (Model model = initialised(block, 2)) {
            Loss loss = new SigmoidBinaryCrossEntropyLoss("bce", 1, fromSigmoid);
            double z = floats(model)[0] + floats(model)[1];
            double p = 1 / (1 + Math.exp(-z));
            for (FisherEstimator estimator : FisherEstimator.values()) {
                assertThat(biasFisher(model, estimator, loss)).isEqualTo(p * (1 - p), within(0.03));
            }
        }
    }

    /** The Fisher of a Gaussian's mean is the inverse of its variance: 2 w under w (y - f)². */
    @ParameterizedTest
    @EnumSource(FisherEstimator.class)
    void labelsDrawnFromARegressionGiveTheFisherOfAGaussianVariable(FisherEstimator estimator) {
        try (Model model = initialised(Linear.builder().setUnits(1).build(), 2)) {
            assertThat(biasFisher(model, estimator, Loss.l2Loss())).isEqualTo(1, within(0.25));
            assertThat(biasFisher(model, estimator, new L2Loss("strong", 2)))
                    .isEqualTo(4, within(1.0));
        }
    }

    @Test
    void labelsThatCannotBeDrawnAreRefusedBeforeTheFirstStep() throws Exception {
        Loss own = loss((labels, outputs) -> outputs.sub(labels.reshape(-1, 1)).square().mean());
        try (Model model = initialised(Linear.builder().setUnits(1).build(), 2);
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc", Map.of("labels", "model"))
                                .build();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(own).addTrainingListeners(listener))) {
            float[] before = floats(model);
            ArrayDataset data = ones(model);
            assertThatThrownBy(() -> EasyTrain.fit(trainer, 1, data, null))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("labels = data")
                    .hasMessageContaining("(100, 1)");
            assertThat(floats(model)).isEqualTo(before);
        }
    }

    private static double biasFisher(Model model, FisherEstimator estimator, Loss loss) {
        FisherImportance fisher =
                FisherImportance.builder()
                        .optLabels(FisherLabels.MODEL)
                        .optEstimator(estimator)
                        .optBatchSize(4)
                        .build();
        Map<String, float[]> found = CapturedFisher.of(fisher, model, ones(model), loss, SAMPLES);
        return found.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("bias"))
                .findFirst()
                .orElseThrow()
                .getValue()[0];
    }

    private static ArrayDataset ones(Model model) {
        return new ArrayDataset.Builder()
                .setData(model.getNDManager().ones(new Shape(SAMPLES, 2)))
                .optLabels(model.getNDManager().ones(new Shape(SAMPLES)))
                .setSampling(100, false)
                .build();
    }

    private static ArrayDataset twoLabels(Model model) {
        java.util.Random random = new java.util.Random(3);
        float[] data = new float[SAMPLES * Toy.FEATURES];
        float[] labels = new float[SAMPLES * 2];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(3);
        }
        return new ArrayDataset.Builder()
                .setData(model.getNDManager().create(data, new Shape(SAMPLES, Toy.FEATURES)))
                .optLabels(model.getNDManager().create(labels, new Shape(SAMPLES, 2)))
                .setSampling(100, false)
                .build();
    }

    private static Model initialised(Block block, int features) {
        Model model = Toy.model(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, features));
        block.getParameters().forEach(p -> p.getValue().getArray().setRequiresGradient(true));
        return model;
    }

    private static float[] floats(Model model) {
        return model.getBlock().getParameters().values().get(0).getArray().toFloatArray();
    }

    private static NDArray perSample(NDArray labels, NDArray outputs) {
        NDArray hot = labels.toType(DataType.INT64, false).oneHot((int) outputs.getShape().get(1));
        return outputs.logSoftmax(1).mul(hot).sum(new int[] {1}).neg();
    }

    private static NDArray weighed(NDArray labels, NDArray outputs, NDArray weights) {
        NDArray wide = weights.toType(DataType.FLOAT32, false);
        return perSample(labels, outputs).mul(wide).sum().div(wide.sum().add(1e-6f));
    }

    private static NDList first(NDArray labels) {
        return new NDList(labels.get(":, 0"));
    }

    private static Loss loss(BinaryOperator<NDArray> of) {
        return new Loss("own") {
            @Override
            public NDArray evaluate(NDList labels, NDList predictions) {
                return of.apply(labels.head(), predictions.head());
            }
        };
    }

    private static FisherImportance exact() {
        return FisherImportance.builder().optEstimator(FisherEstimator.EXACT).build();
    }

    private static FisherImportance sketched(int batchSize) {
        return FisherImportance.builder().optBatchSize(batchSize).build();
    }

    private static double sum(Map<String, float[]> fisher) {
        double sum = 0;
        for (float[] values : fisher.values()) {
            for (float value : values) {
                sum += value;
            }
        }
        return sum;
    }
}
