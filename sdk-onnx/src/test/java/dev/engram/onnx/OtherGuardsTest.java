package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Strategies that know nothing of ONNX hold an ONNX file's first task. */
class OtherGuardsTest {

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    @Test
    void experienceReplay() throws Exception {
        keepsTheFirstTask("er", Map.of("samples", 200));
    }

    @Test
    void synapticIntelligence() throws Exception {
        keepsTheFirstTask("si", Map.of("lambda", 2));
    }

    private OnnxBlock block() throws Exception {
        return OnnxBlock.builder().setModel(GuardedTrainingTest.mlp(folder)).build();
    }

    private double unguarded() throws Exception {
        try (Model model = Tasks.model(block())) {
            points.fit(model, 0, 10);
            points.fit(model, 1, 30);
            return points.accuracy(model, 0);
        }
    }

    private void keepsTheFirstTask(String strategy, Map<String, ?> settings) throws Exception {
        double control = unguarded();
        OnnxBlock block = block();
        try (Model model = Tasks.model(block);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener(strategy, settings)) {
            points.fit(model, 0, 10, listener);
            points.fit(model, 1, 30, listener);
            double kept = points.accuracy(model, 0);
            System.out.printf(
                    "%s: task 1 after task 2: %.3f unguarded, %.3f guarded; task 2: %.3f%n",
                    strategy, control, kept, points.accuracy(model, 1));
            assertThat(kept).isGreaterThan(control + 0.05);
            NDList sample = points.batch(manager, 1);
            OnnxWriter.builder().setBlock(block).addSample(sample).build().write(block.file());
        }
        goesOnAfterARestart(strategy, settings);
    }

    /** The memory folder goes with the file that was written after it. */
    private void goesOnAfterARestart(String strategy, Map<String, ?> settings) throws Exception {
        Path file = folder.resolve("mlp.onnx");
        try (Model model = Tasks.model(OnnxBlock.builder().setModel(file).build());
                ForgettingListener listener = listener(strategy, settings)) {
            double before = points.accuracy(model, 0);
            points.fit(model, 1, 10, listener);
            assertThat(points.accuracy(model, 0)).isGreaterThan(before - 0.1);
        }
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(folder.resolve("memory"))
                .build();
    }
}
