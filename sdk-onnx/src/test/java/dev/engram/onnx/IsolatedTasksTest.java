package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.runtime.OnnxTaskServer;
import dev.engram.onnx.testing.Ort;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each task has its own low-rank update of an ONNX file, in DJL and in ONNX Runtime. */
class IsolatedTasksTest {

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(folder.resolve("memory"))
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoTasksOfAnMlp(boolean outFirst) throws Exception {
        Path file = SmallMlp.of(folder, outFirst);
        OnnxBlock block = block(file);
        Map<String, byte[]> before = TwoTasks.values(block);
        try (Model model = Tasks.model(block);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener("lora", Map.of())) {
            points.fit(model, 0, 15, listener);
            points.fit(model, 1, 15, listener);
            TaskRegistry tasks = listener.tasks(model);
            assertThat(points.accuracy(tasks.handle("task-1").block(), 0)).isGreaterThan(0.85);
            assertThat(points.accuracy(tasks.handle("task-2").block(), 1)).isGreaterThan(0.85);
            assertThat(TwoTasks.values(block)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(tasks.tensors("task-1", manager))
                    .containsOnlyKeys("w1/lora_A", "w1/lora_B", "w2/lora_A", "w2/lora_B");
            serves(file, tasks, manager);
            goesOnAfterARestart(file, tasks, manager);
            merges(file, block, tasks, manager);
        }
    }

    private void serves(Path file, TaskRegistry tasks, NDManager manager) throws Exception {
        Path prepared = folder.resolve("prepared.onnx");
        AdapterSlots slots = AdapterSlots.add(file, LayerSelection.all(), prepared);
        NDList inputs = points.batch(manager, 0);
        try (OnnxTaskServer server = OnnxTaskServer.builder().setModel(prepared).build();
                OnnxTensor x = Ort.floats(inputs.head().toFloatArray(), 32, 8)) {
            for (String task : tasks.tasks()) {
                Path adapter = folder.resolve(task + ".onnx_adapter");
                OnnxAdapterFile.write(LearntAdapter.of(slots, tasks, task), adapter);
                server.load(task, adapter);
            }
            for (String task : tasks.tasks()) {
                assertThat(Ort.first(server.run(task, Map.of("x", x))))
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(TwoTasks.outputs(tasks.handle(task).block(), inputs));
            }
        }
    }

    private void goesOnAfterARestart(Path file, TaskRegistry tasks, NDManager manager)
            throws Exception {
        NDList inputs = points.batch(manager, 1);
        try (Model again = Tasks.model(block(file));
                ForgettingListener memory = listener("lora", Map.of())) {
            TaskRegistry restored = memory.tasks(again);
            assertThat(restored.tasks()).containsExactly("task-1", "task-2");
            for (String task : restored.tasks()) {
                assertThat(TwoTasks.outputs(restored.handle(task).block(), inputs))
                        .isEqualTo(TwoTasks.outputs(tasks.handle(task).block(), inputs));
            }
        }
    }

    private void merges(Path file, OnnxBlock block, TaskRegistry tasks, NDManager manager)
            throws Exception {
        NDList inputs = points.batch(manager, 0);
        float[] wanted = TwoTasks.outputs(tasks.handle("task-1").block(), inputs);
        tasks.unload("task-2");
        tasks.merge("task-1", inputs, 1e-5);
        OnnxWriter.builder().setBlock(block).addSample(inputs).build().write(file);
        try (OrtSession session = Ort.session(file);
                OnnxTensor x = Ort.floats(inputs.head().toFloatArray(), 32, 8)) {
            assertThat(Ort.first(session.run(Map.of("x", x))))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(wanted);
        }
    }
}
