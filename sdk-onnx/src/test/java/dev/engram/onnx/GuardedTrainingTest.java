package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.internal.training.Difference;
import dev.engram.onnx.internal.write.OrtRun;
import dev.engram.onnx.testing.SharedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ONNX file learns two tasks under EWC, goes back into a file, and ONNX Runtime agrees. */
class GuardedTrainingTest {

    private static final Map<String, ?> STRONG = Map.of("lambda", 10);

    @TempDir Path folder;

    /** Points in eight dimensions; each task looks at two, and reverses what they mean. */
    static final class Points extends Tasks {

        @Override
        int[] labels(int task) {
            return new int[] {0, 1, 2, 3};
        }

        @Override
        NDList sample(int task, int label, Random random, NDManager manager) {
            int meant = task == 0 ? label : 3 - label;
            float[] values = new float[8];
            for (int i = 4; i < 8; i++) {
                values[i] = (float) (2 * task - 1 + 0.5 * random.nextGaussian());
            }
            values[2 * task] = (float) (Math.abs(random.nextGaussian()) * (meant > 1 ? 1 : -1));
            values[2 * task + 1] =
                    (float) (Math.abs(random.nextGaussian()) * (meant % 2 == 1 ? 1 : -1));
            return new NDList(manager.create(values));
        }

        @Override
        float rate() {
            return 5e-3f;
        }
    }

    /** Noisy copies of ten pictures; the second task gives the same names to ten others. */
    private static final class Pictures extends Tasks {

        @Override
        int[] labels(int task) {
            return new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        }

        @Override
        NDList sample(int task, int label, Random random, NDManager manager) {
            Random picture = new Random(label + 10L * task);
            float[] values = new float[784];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (picture.nextGaussian() + random.nextGaussian());
            }
            return new NDList(manager.create(values, new Shape(1, 28, 28)));
        }

        @Override
        float rate() {
            return 1e-3f;
        }
    }

    /**
     * Sentences of ten words, some of which tell the class; in the second task the first one's
     * words stand in the way.
     */
    static final class Sentences extends Tasks {

        @Override
        int[] labels(int task) {
            return new int[] {0, 1};
        }

        @Override
        NDList sample(int task, int label, Random random, NDManager manager) {
            long[] words = random.longs(10, 200, 300).toArray();
            for (int i = 0; i < 3; i++) {
                words[random.nextInt(8)] = 1000L + 10L * task + label;
            }
            if (task == 1) {
                words[8] = 1000L + 1 - label;
                words[9] = words[8];
            }
            long[] ones = new long[10];
            java.util.Arrays.fill(ones, 1);
            return new NDList(
                    manager.create(words), manager.create(ones), manager.create(new long[10]));
        }

        @Override
        float rate() {
            return 2e-3f;
        }
    }

    static Path mlp(Path folder) throws Exception {
        Random random = new Random(3);
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 8)
                .weights("w1", new long[] {32, 8}, noise(random, 256, 0.5f))
                .weights("b1", new long[] {32}, new float[32])
                .weights("w2", new long[] {4, 32}, noise(random, 128, 0.25f))
                .weights("b2", new long[] {4}, new float[4])
                .node("Gemm", List.of("x", "w1", "b1"), List.of("h"), Models.told("transB", 1))
                .node("Relu", List.of("h"), List.of("r"))
                .node("Gemm", List.of("r", "w2", "b2"), List.of("y"), Models.told("transB", 1))
                .output("y", DataType.FLOAT)
                .write(folder.resolve("mlp.onnx"));
    }

    static float[] noise(Random random, int size, float width) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = width * (float) random.nextGaussian();
        }
        return values;
    }

    static Path copy(Path folder, String name) throws Exception {
        Path real = SharedData.onnx(name);
        Path copy = folder.resolve(name);
        Files.write(copy, Files.readAllBytes(real));
        return copy;
    }

    @Test
    void aSmallMlp() throws Exception {
        keepsTheFirstTask(mlp(folder), new Points(), 10, 30, block -> block);
    }

    @Test
    void theRealCnn() throws Exception {
        keepsTheFirstTask(copy(folder, "cnn_mnist.onnx"), new Pictures(), 15, 15, block -> block);
    }

    @Test
    void theRealTinyBert() throws Exception {
        keepsTheFirstTask(
                copy(folder, "tinybert.onnx"),
                new Sentences(),
                6,
                12,
                block ->
                        new SequentialBlock()
                                .add(block)
                                .add(outputs -> new NDList(outputs.get(1)))
                                .add(Linear.builder().setUnits(2).build()));
    }

    /** What stands around the file's block: a head, or nothing. */
    private interface Around {
        Block put(OnnxBlock block);
    }

    private void keepsTheFirstTask(Path file, Tasks tasks, int first, int second, Around around)
            throws Exception {
        double control;
        try (Model model = Tasks.model(around.put(block(file)))) {
            tasks.fit(model, 0, first);
            assertThat(tasks.accuracy(model, 0)).isGreaterThan(0.85);
            tasks.fit(model, 1, second);
            control = tasks.accuracy(model, 0);
        }
        OnnxBlock block = block(file);
        try (Model model = Tasks.model(around.put(block));
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc", STRONG).build()) {
            tasks.fit(model, 0, first, listener);
            tasks.fit(model, 1, second, listener);
            double kept = tasks.accuracy(model, 0);
            System.out.printf(
                    "%s: task 1 after task 2: %.3f unguarded, %.3f with EWC; task 2: %.3f%n",
                    file.getFileName(), control, kept, tasks.accuracy(model, 1));
            assertThat(kept).isGreaterThan(control + 0.1);
            assertThat(listener.effect("ewc").orElseThrow().penalty()).isPositive();
            goesBackIntoTheFile(block, file, tasks);
        }
    }

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    private static void goesBackIntoTheFile(OnnxBlock block, Path file, Tasks tasks)
            throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList sample = tasks.batch(manager, 0);
            long size = Files.size(file);
            OnnxWriter.builder().setBlock(block).addSample(sample).build().write(file);
            assertThat(Files.size(file)).isEqualTo(size);
            NDList other = tasks.batch(manager, 1);
            NDList expected = block.forward(new ParameterStore(manager, false), other, false);
            try (OrtRun runtime = new OrtRun(file)) {
                List<double[]> seen = runtime.run(block.inputs(), other, block.outputs());
                for (int i = 0; i < seen.size(); i++) {
                    assertThat(Difference.relative(expected.get(i), seen.get(i))).isLessThan(1e-5);
                }
            }
        }
    }
}
