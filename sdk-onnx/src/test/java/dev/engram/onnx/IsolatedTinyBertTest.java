package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.testing.Ort;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real TinyBERT with a head learns two tasks under lora, and ONNX Runtime agrees. */
class IsolatedTinyBertTest {

    private static final String PREFIX = "01SequentialBlock_01OnnxBlock_";

    @TempDir Path folder;

    private final GuardedTrainingTest.Sentences sentences = new GuardedTrainingTest.Sentences();

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    @Test
    void twoTasksOfTheRealTinyBert() throws Exception {
        Path file = GuardedTrainingTest.copy(folder, "tinybert.onnx");
        OnnxBlock block = block(file);
        Map<String, byte[]> before = TwoTasks.values(block);
        try (Model model = Tasks.model(TwoTasks.withHead(block));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("lora").build()) {
            sentences.fit(model, 0, 10, listener);
            sentences.fit(model, 1, 10, listener);
            TaskRegistry tasks = listener.tasks(model);
            double first = sentences.accuracy(tasks.handle("task-1").block(), 0);
            double second = sentences.accuracy(tasks.handle("task-2").block(), 1);
            System.out.printf("tinybert under lora: %.3f and %.3f%n", first, second);
            assertThat(tasks.tensors("task-1", manager).keySet())
                    .filteredOn(name -> name.endsWith("/lora_A"))
                    .extracting(name -> layer(block, name))
                    .containsExactly(
                            "encoder.layer.0.attention.self.query",
                            "encoder.layer.0.attention.self.value");
            assertThat(TwoTasks.values(block)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(List.of(first, second)).allMatch(accuracy -> accuracy > 0.85);
            pooledOutputsAgree(file, tasks, manager);
        }
    }

    private static String layer(OnnxBlock block, String tensor) {
        String weight = tensor.substring(PREFIX.length(), tensor.indexOf('/'));
        return block.layerOf(weight).orElseThrow().name();
    }

    private void pooledOutputsAgree(Path file, TaskRegistry tasks, NDManager manager)
            throws Exception {
        AdapterSlots slots =
                AdapterSlots.add(file, LayerSelection.all(), folder.resolve("prepared.onnx"));
        OnnxAdapter adapter = LearntAdapter.of(slots, tasks, "task-2");
        NDList inputs = sentences.batch(manager, 1);
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            String name = block(file).inputs().get(i).name();
            LongBuffer longs = LongBuffer.wrap(inputs.get(i).toLongArray());
            given.put(name, OnnxTensor.createTensor(Ort.ENVIRONMENT, longs, new long[] {32, 10}));
        }
        float[] wanted = TwoTasks.outputs(task(file, tasks, manager), inputs);
        try (OrtSession session = Ort.session(folder.resolve("prepared.onnx"))) {
            assertThat(Ort.run(session, given, adapter))
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(wanted);
            assertThat(Ort.run(session, given, null)).isNotEqualTo(wanted);
        }
        given.values().forEach(OnnxTensor::close);
    }

    /** The file's block with the task's updates in its weights, without the head. */
    private static OnnxBlock task(Path file, TaskRegistry tasks, NDManager manager)
            throws Exception {
        OnnxBlock block = block(file);
        Map<String, NDArray> merged =
                tasks.read("task-2", (base, task) -> task.merged(manager)).orElseThrow();
        merged.forEach(
                (path, value) -> {
                    if (path.startsWith(PREFIX)) {
                        String name = path.substring(PREFIX.length());
                        value.copyTo(block.getParameters().get(name).getArray());
                    }
                });
        return block;
    }
}
