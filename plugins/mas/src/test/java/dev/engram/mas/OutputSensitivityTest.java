package dev.engram.mas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.api.InvalidOptionException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutputSensitivityTest {

    private static final float[][] X = {{1, -2}, {-0.5f, 3}, {2, 2}, {-1, 0.25f}};

    /** f = W x + b: ∂‖f‖²/∂W_kj = 2 f_k x_j and ∂‖f‖²/∂b_k = 2 f_k. */
    @Test
    void theSensitivityOfALinearModelEqualsItsClosedForm() {
        try (Model model = linear()) {
            float[] w = values(model, "weight");
            float[] b = {0.5f, -1, 0.25f};
            Map<String, float[]> found =
                    Captured.of(OutputSensitivity.builder().build(), model, data(model, true));
            double[] weight = new double[6];
            double[] bias = new double[3];
            for (float[] x : X) {
                for (int k = 0; k < 3; k++) {
                    double f = w[2 * k] * x[0] + w[2 * k + 1] * x[1] + b[k];
                    bias[k] += Math.abs(2 * f) / X.length;
                    weight[2 * k] += Math.abs(2 * f * x[0]) / X.length;
                    weight[2 * k + 1] += Math.abs(2 * f * x[1]) / X.length;
                }
            }
            assertClose(found.get("weight"), weight);
            assertClose(found.get("bias"), bias);
        }
    }

    @Test
    void dataWithoutLabelsGivesTheSameAsDataWithLabels() {
        try (Model model = linear()) {
            OutputSensitivity sensitivity = OutputSensitivity.builder().build();
            assertThat(Captured.of(sensitivity, model, data(model, false)).get("weight"))
                    .isEqualTo(Captured.of(sensitivity, model, data(model, true)).get("weight"));
        }
    }

    @Test
    void aBoundOnTheSamplesTakesAUniformChoiceOfThem() {
        try (Model model = linear()) {
            float[] one =
                    Captured.of(
                                    OutputSensitivity.builder().optSamples(1).build(),
                                    model,
                                    data(model, false))
                            .get("bias");
            float[] w = values(model, "weight");
            boolean ofOneSample = false;
            for (float[] x : X) {
                double f = w[0] * x[0] + w[1] * x[1] + 0.5;
                ofOneSample |= Math.abs(one[0] - Math.abs(2 * f)) < 1e-4;
            }
            assertThat(ofOneSample).isTrue();
            double[] mean = new double[3];
            int seeds = 400;
            for (int seed = 0; seed < seeds; seed++) {
                OutputSensitivity two =
                        OutputSensitivity.builder().optSamples(2).optSeed(seed).build();
                float[] found = Captured.of(two, model, data(model, false)).get("bias");
                for (int k = 0; k < 3; k++) {
                    mean[k] += found[k] / seeds;
                }
            }
            float[] all =
                    Captured.of(OutputSensitivity.builder().build(), model, data(model, false))
                            .get("bias");
            for (int k = 0; k < 3; k++) {
                assertThat(mean[k]).isEqualTo(all[k], within(0.1 * all[k]));
            }
        }
    }

    @Test
    void batchNormStatisticsAndDropoutAreLeftAlone() {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(BatchNorm.builder().build())
                        .add(Dropout.builder().optRate(0.5f).build())
                        .add(Linear.builder().setUnits(Toy.CLASSES).build());
        try (Model model = Toy.model(block)) {
            Toy.fit(model, 0, 1, Toy.adam());
            Map<String, float[]> before = state(model);
            ArrayDataset data = Toy.dataset(model.getNDManager(), 0, 64);
            OutputSensitivity sensitivity = OutputSensitivity.builder().build();
            float[] first = Captured.of(sensitivity, model, data).get("01Linear_weight");
            float[] second = Captured.of(sensitivity, model, data).get("01Linear_weight");
            assertThat(first).as("dropout would make them differ").isEqualTo(second);
            assertThat(state(model)).containsExactlyInAnyOrderEntriesOf(before);
        }
    }

    @Test
    void aBoundBelowOneIsRefused() {
        assertThatThrownBy(() -> OutputSensitivity.builder().optSamples(0).build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optSamples(0)");
    }

    private static Model linear() {
        Linear block = Linear.builder().setUnits(3).build();
        Model model = Toy.model(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
        NDArray bias = block.getParameters().get("bias").getArray().stopGradient();
        bias.addi(model.getNDManager().create(new float[] {0.5f, -1, 0.25f}));
        return model;
    }

    private static ArrayDataset data(Model model, boolean labelled) {
        float[] x = new float[2 * X.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = X[i / 2][i % 2];
        }
        ArrayDataset.Builder builder =
                new ArrayDataset.Builder()
                        .setData(model.getNDManager().create(x, new Shape(X.length, 2)))
                        .setSampling(3, false);
        if (labelled) {
            builder.optLabels(model.getNDManager().create(new float[] {0, 1, 2, 0}));
        }
        return builder.build();
    }

    private static Map<String, float[]> state(Model model) {
        Map<String, float[]> state = new TreeMap<>();
        model.getBlock()
                .getParameters()
                .forEach(p -> state.put(p.getKey(), p.getValue().getArray().toFloatArray()));
        return state;
    }

    private static float[] values(Model model, String parameter) {
        return model.getBlock().getParameters().get(parameter).getArray().toFloatArray();
    }

    private static void assertClose(float[] found, double[] expected) {
        assertThat(found).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).isEqualTo(expected[i], within(1e-5 * expected[i] + 1e-6));
        }
    }
}
