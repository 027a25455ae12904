package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.kit.autograd.Scaled;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FisherImportanceTest {

    private static final Loss CROSS_ENTROPY = Loss.softmaxCrossEntropyLoss();

    /** Softmax regression: dL/dW_kj = (p_k - [y = k]) x_j, so F_kj = mean (p_k - [y = k])² x_j². */
    @Test
    void theExactFisherOfSoftmaxRegressionEqualsItsClosedForm() {
        try (Model model = initialised(Linear.builder().setUnits(3).build())) {
            float[] x = {1, -2, 0.5f, 3, 0, 1, -1, 2};
            int[] y = {0, 2, 1, 2};
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(model.getNDManager().create(x, new Shape(4, 2)))
                            .optLabels(model.getNDManager().create(new float[] {0, 2, 1, 2}))
                            .setSampling(4, false)
                            .build();

            Map<String, float[]> fisher =
                    CapturedFisher.of(exact(), model, dataset, CROSS_ENTROPY, 10);

            float[] expected = new float[6];
            float[] bias = new float[3];
            float[] weight =
                    model.getBlock().getParameters().get("weight").getArray().toFloatArray();
            for (int i = 0; i < 4; i++) {
                double[] p = softmax(weight, x[2 * i], x[2 * i + 1]);
                for (int k = 0; k < 3; k++) {
                    double delta = p[k] - (y[i] == k ? 1 : 0);
                    bias[k] += (float) (delta * delta / 4);
                    expected[2 * k] += (float) (delta * delta * x[2 * i] * x[2 * i] / 4);
                    expected[2 * k + 1] +=
                            (float) (delta * delta * x[2 * i + 1] * x[2 * i + 1] / 4);
                }
            }
            assertThat(fisher.get("weight")).containsExactly(expected, within(1e-5f));
            assertThat(fisher.get("bias")).containsExactly(bias, within(1e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 500})
    void theSketchAgreesWithTheExactFisherForAnyBatchSize(int batchSize) {
        try (Model model = learnt()) {
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, 5000);
            Map<String, float[]> exact =
                    CapturedFisher.of(exact(), model, data, CROSS_ENTROPY, 5000);
            Map<String, float[]> sketch =
                    CapturedFisher.of(sketched(batchSize), model, data, CROSS_ENTROPY, 5000);
            // An element's relative error is at most sqrt(2 B / N); that of the sum is less still.
            double bound = 3 * Math.sqrt(2.0 * batchSize / 5000);
            assertThat(sum(sketch) / sum(exact)).isEqualTo(1, within(bound));
            if (batchSize <= 64) {
                assertThat(correlation(sketch, exact)).isGreaterThan(0.9);
            }
        }
    }

    @Test
    void theSketchGetsBetterWithMoreSamplesAsItsVarianceSays() {
        try (Model model = learnt()) {
            double few = correlationAt(model, 200);
            double many = correlationAt(model, 5000);
            assertThat(many).isGreaterThan(few).isGreaterThan(0.9);
        }
    }

    @Test
    void aLossThatSumsOverTheBatchGivesTheSameFisher() {
        try (Model model = learnt()) {
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, 1000);
            Map<String, float[]> mean =
                    CapturedFisher.of(sketched(32), model, data, CROSS_ENTROPY, 1000);
            Map<String, float[]> sum =
                    CapturedFisher.of(sketched(32), model, data, new SummedLoss(), 1000);
            assertThat(sum(sum)).isEqualTo(sum(mean), within(1e-3 * sum(mean)));
        }
    }

    /**
     * For two classes and logits (0, z) the Fisher of z is p (1 - p), whatever the data's labels.
     */
    @Test
    void labelsDrawnFromTheModelGiveTheTrueFisher() {
        try (Model model = initialised(Linear.builder().setUnits(2).build())) {
            ArrayDataset wrong =
                    new ArrayDataset.Builder()
                            .setData(model.getNDManager().ones(new Shape(4000, 2)))
                            .optLabels(model.getNDManager().zeros(new Shape(4000)))
                            .setSampling(100, false)
                            .build();
            FisherImportance fisher =
                    FisherImportance.builder()
                            .optLabels(FisherLabels.MODEL)
                            .optEstimator(FisherEstimator.EXACT)
                            .build();
            float[] weight =
                    model.getBlock().getParameters().get("weight").getArray().toFloatArray();
            double z = weight[0] + weight[1] - weight[2] - weight[3];
            double p = 1 / (1 + Math.exp(-z));
            float[] found =
                    CapturedFisher.of(fisher, model, wrong, CROSS_ENTROPY, 4000).get("bias");
            assertThat((double) found[0]).isEqualTo(p * (1 - p), within(0.02));
        }
    }

    @ParameterizedTest
    @EnumSource(FisherEstimator.class)
    void batchNormStatisticsGradientsAndDropoutAreLeftAlone(FisherEstimator estimator) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(BatchNorm.builder().build())
                        .add(Dropout.builder().optRate(0.5f).build())
                        .add(Linear.builder().setUnits(Toy.CLASSES).build());
        try (Model model = Toy.model(block);
                Trainer trainer = Toy.trainer(model, Toy.adam())) {
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, 200);
            gradient(trainer, model, data);
            Map<String, byte[]> before = state(model);
            FisherImportance fisher = FisherImportance.builder().optEstimator(estimator).build();
            Map<String, float[]> one = CapturedFisher.of(fisher, model, data, CROSS_ENTROPY, 200);
            Map<String, float[]> two = CapturedFisher.of(fisher, model, data, CROSS_ENTROPY, 200);
            assertThat(state(model)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(sum(one))
                    .as("no dropout: the sum hardly moves")
                    .isEqualTo(sum(two), within(0.5 * sum(one)));
        }
    }

    private static void gradient(Trainer trainer, Model model, ArrayDataset data) {
        try (var collector = trainer.newGradientCollector()) {
            NDArray x = model.getNDManager().randomNormal(new Shape(32, Toy.FEATURES));
            collector.backward(trainer.forward(new NDList(x)).head().square().sum());
        }
        assertThat(data.size()).isPositive();
    }

    private static Map<String, byte[]> state(Model model) {
        Map<String, byte[]> state = new java.util.TreeMap<>();
        model.getBlock()
                .getParameters()
                .forEach(
                        pair -> {
                            NDArray array = pair.getValue().getArray();
                            state.put(pair.getKey(), array.toByteArray());
                            if (array.hasGradient()) {
                                state.put(pair.getKey() + "'", array.getGradient().toByteArray());
                            }
                        });
        assertThat(state.keySet()).anyMatch(key -> key.endsWith("runningMean"));
        return state;
    }

    private static double correlationAt(Model model, int samples) {
        ArrayDataset data = Toy.dataset(model.getNDManager(), 0, samples);
        return correlation(
                CapturedFisher.of(sketched(32), model, data, CROSS_ENTROPY, samples),
                CapturedFisher.of(exact(), model, data, CROSS_ENTROPY, samples));
    }

    private static Model initialised(Block block) {
        Model model = Toy.model(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
        block.getParameters().forEach(p -> p.getValue().getArray().setRequiresGradient(true));
        return model;
    }

    private static Model learnt() {
        Model model = Toy.model(Toy.mlp());
        Toy.fit(model, 0, 2, Toy.adam());
        return model;
    }

    private static FisherImportance exact() {
        return FisherImportance.builder().optEstimator(FisherEstimator.EXACT).build();
    }

    private static FisherImportance sketched(int batchSize) {
        return FisherImportance.builder().optBatchSize(batchSize).build();
    }

    private static double[] softmax(float[] weight, float a, float b) {
        double[] p = new double[weight.length / 2];
        double total = 0;
        for (int k = 0; k < p.length; k++) {
            p[k] = Math.exp(weight[2 * k] * a + weight[2 * k + 1] * b);
            total += p[k];
        }
        for (int k = 0; k < p.length; k++) {
            p[k] /= total;
        }
        return p;
    }

    private static double[] flat(Map<String, float[]> fisher) {
        return fisher.values().stream()
                .flatMapToDouble(
                        values ->
                                java.util.stream.IntStream.range(0, values.length)
                                        .mapToDouble(i -> values[i]))
                .toArray();
    }

    private static double sum(Map<String, float[]> fisher) {
        return java.util.Arrays.stream(flat(fisher)).sum();
    }

    private static double correlation(Map<String, float[]> one, Map<String, float[]> other) {
        double[] a = flat(one);
        double[] b = flat(other);
        double meanA = java.util.Arrays.stream(a).average().orElseThrow();
        double meanB = java.util.Arrays.stream(b).average().orElseThrow();
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }

    /** Cross-entropy times the batch size. */
    private static final class SummedLoss extends Loss {

        SummedLoss() {
            super("summed");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            double size = predictions.head().getShape().get(0);
            return Scaled.by(size, CROSS_ENTROPY.evaluate(labels, predictions));
        }
    }
}
