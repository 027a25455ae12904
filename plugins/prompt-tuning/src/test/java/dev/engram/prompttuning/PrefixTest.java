package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.kit.compose.Insertion;
import dev.engram.kit.compose.KeyValuePrefix;
import dev.engram.kit.compose.ModelComposer;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.prompttuning.internal.parts.Prefix;
import dev.engram.prompttuning.internal.parts.Vectors;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrefixTest {

    private static final float[] KEYS = {0.5f, -1, 2, 0.25f};
    private static final float[] VALUES = {3, 1, -2, 4};

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void attentionWithAPrefixIsWhatItIsByHand() {
        float[][] x = {{1, 2}, {-1, 0.5f}};
        float[] out = attend(x, new float[] {1, 1, 1, 1});
        for (int query = 0; query < 2; query++) {
            double[] wanted = byHand(x, x[query], 2);
            assertThat((double) out[2 * query]).isCloseTo(wanted[0], within(1e-5));
            assertThat((double) out[2 * query + 1]).isCloseTo(wanted[1], within(1e-5));
        }
    }

    @Test
    void aMaskHidesPaddingAndNeverThePrefix() {
        float[][] x = {{1, 2}, {-1, 0.5f}};
        float[] out = attend(x, new float[] {1, 0, 1, 0});
        double[] wanted = byHand(x, x[0], 1);
        assertThat((double) out[0]).isCloseTo(wanted[0], within(1e-5));
        assertThat((double) out[1]).isCloseTo(wanted[1], within(1e-5));
    }

    /** Scores are q·k/√2 over two keys of the prefix and the first few of the input. */
    private static double[] byHand(float[][] x, float[] query, int seen) {
        double sum = 0;
        double[] mixed = new double[2];
        for (int i = 0; i < 2 + seen; i++) {
            double first = i < 2 ? KEYS[2 * i] : x[i - 2][0];
            double second = i < 2 ? KEYS[2 * i + 1] : x[i - 2][1];
            double weight = Math.exp((query[0] * first + query[1] * second) / Math.sqrt(2));
            sum += weight;
            mixed[0] += weight * (i < 2 ? VALUES[2 * i] : x[i - 2][0]);
            mixed[1] += weight * (i < 2 ? VALUES[2 * i + 1] : x[i - 2][1]);
        }
        return new double[] {mixed[0] / sum, mixed[1] / sum};
    }

    private float[] attend(float[][] x, float[] mask) {
        Block attention =
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(2)
                        .setHeadCount(1)
                        .build();
        attention.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 2));
        for (Pair<String, Parameter> own : attention.getParameters()) {
            NDArray array = own.getValue().getArray();
            array.setRequiresGradient(false);
            NDArray eye = array.getShape().dimension() == 2 ? manager.eye(2) : array.zerosLike();
            eye.copyTo(array);
        }
        Prefix prefix = new Prefix(vectors(KEYS), vectors(VALUES));
        Insertion insertion =
                new Insertion() {
                    @Override
                    public Optional<KeyValuePrefix> keysAndValues(String path, long width) {
                        return Optional.of(prefix);
                    }
                };
        Block prefixed = ModelComposer.of().compose(attention, insertion).block();
        NDList inputs =
                new NDList(
                        manager.create(x).reshape(1, 2, 2),
                        manager.create(mask, new Shape(1, 2, 2)));
        return prefixed.forward(new ParameterStore(manager, false), inputs, false)
                .head()
                .toFloatArray();
    }

    private Vectors vectors(float[] values) {
        return new Vectors(
                OwnParameters.trained("vectors", manager.create(values, new Shape(2, 2))), null);
    }
}
