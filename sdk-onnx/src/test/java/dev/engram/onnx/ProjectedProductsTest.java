package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a graph's product is fed is held on the side of its inputs, which is its weight's first. */
class ProjectedProductsTest {

    private static final int INPUTS = 8;

    @TempDir Path folder;

    private final Bits bits = new Bits();

    @ParameterizedTest
    @CsvSource({"gpm, share, 1", "nscl, bound, 0.01", "owm, alpha, 1e-6"})
    void whatWasRememberedIsHeldByAllTasksAfterIt(String strategy, String setting, double value)
            throws Exception {
        try (Model model = product();
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(strategy, Map.of(setting, value))
                                .build()) {
            listener.remember(model, bits.dataset(manager, 0, 1));
            float[] remembered = answers(model, 0);
            for (int task = 1; task <= 2; task++) {
                float[] before = answers(model, task);
                bits.fit(model, task, 2, listener);
                assertThat(distance(answers(model, 0), remembered)).isLessThan(1e-3);
                assertThat(distance(answers(model, task), before)).isGreaterThan(0.1);
            }
        }
    }

    @Test
    void unguardedTheSameTrainingMovesWhatItAnswered() throws Exception {
        try (Model model = product()) {
            float[] old = answers(model, 0);
            bits.fit(model, 1, 2);
            assertThat(distance(answers(model, 0), old)).isGreaterThan(0.1);
        }
    }

    private Model product() throws Exception {
        float[] weights = GuardedTrainingTest.noise(new Random(3), INPUTS * 4, 0.5f);
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, INPUTS)
                        .weights("fc.weight", new long[] {INPUTS, 4}, weights)
                        .node("MatMul", List.of("x", "fc.weight"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("product.onnx"));
        return Tasks.model(OnnxBlock.builder().setModel(file).build());
    }

    /** To one sample of each class. */
    private float[] answers(Model model, int task) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList samples = new NDList();
            for (int label : bits.labels(task)) {
                samples.add(bits.sample(task, label, new Random(1), manager).head());
            }
            return TwoTasks.outputs(model.getBlock(), new NDList(NDArrays.stack(samples)));
        }
    }

    private static double distance(float[] one, float[] other) {
        double most = 0;
        for (int i = 0; i < one.length; i++) {
            most = Math.max(most, Math.abs(one[i] - other[i]));
        }
        return most;
    }

    /**
     * The first four inputs tell the classes of the first task, and those of the others the other
     * way about, which have two inputs more of their own.
     */
    private static final class Bits extends Tasks {

        @Override
        int[] labels(int task) {
            return new int[] {0, 1, 2, 3};
        }

        @Override
        NDList sample(int task, int label, Random random, NDManager manager) {
            float[] values = new float[INPUTS];
            values[task == 0 ? label : 3 - label] = 1;
            if (task > 0) {
                values[2 + 2 * task] = label / 2 * 2 - 1;
                values[3 + 2 * task] = label % 2 * 2 - 1;
            }
            return new NDList(manager.create(values));
        }

        @Override
        float rate() {
            return 0.05f;
        }
    }
}
