package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.isolation.TaskRegistry;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.runtime.OnnxTaskServer;
import dev.engram.onnx.testing.Ort;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each task has its own low-rank update of an ONNX file, in DJL and in ONNX Runtime. */
class IsolatedTasksTest {

    private static final double SCALE = 2;
    private static final String PREFIX = "01OnnxBlock_";

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();
    private final GuardedTrainingTest.Sentences sentences = new GuardedTrainingTest.Sentences();

    /** As PyTorch exports it ({@code transB}), or with weights stored (in, out). */
    private Path mlp(boolean outFirst) throws Exception {
        if (outFirst) {
            return GuardedTrainingTest.mlp(folder);
        }
        Random random = new Random(3);
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, 8)
                .weights("w1", new long[] {8, 32}, GuardedTrainingTest.noise(random, 256, 0.5f))
                .weights("b1", new long[] {32}, new float[32])
                .weights("w2", new long[] {32, 4}, GuardedTrainingTest.noise(random, 128, 0.25f))
                .weights("b2", new long[] {4}, new float[4])
                .node("MatMul", List.of("x", "w1"), List.of("p"))
                .node("Add", List.of("p", "b1"), List.of("h"))
                .node("Relu", List.of("h"), List.of("r"))
                .node("MatMul", List.of("r", "w2"), List.of("q"))
                .node("Add", List.of("q", "b2"), List.of("y"))
                .output("y", DataType.FLOAT)
                .write(folder.resolve("mlp.onnx"));
    }

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    private static Block withHead(OnnxBlock block) {
        return new SequentialBlock()
                .add(block)
                .add(outputs -> new NDList(outputs.get(1)))
                .add(Linear.builder().setUnits(2).build());
    }

    private ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addStrategy(strategy, settings)
                .optMemory(folder.resolve("memory"))
                .build();
    }

    private static Map<String, byte[]> values(OnnxBlock block) {
        Map<String, byte[]> values = new HashMap<>();
        block.getDirectParameters()
                .forEach(p -> values.put(p.getKey(), p.getValue().getArray().toByteArray()));
        return values;
    }

    private static float[] outputs(Block block, NDList inputs) {
        try (NDManager own = NDManager.newBaseManager(Device.cpu())) {
            ParameterStore store = new ParameterStore(own, false);
            return block.forward(store, inputs, false).head().toFloatArray();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoTasksOfAnMlp(boolean outFirst) throws Exception {
        Path file = mlp(outFirst);
        OnnxBlock block = block(file);
        Map<String, byte[]> before = values(block);
        try (Model model = Tasks.model(block);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener("lora", Map.of())) {
            points.fit(model, 0, 15, listener);
            points.fit(model, 1, 15, listener);
            TaskRegistry tasks = listener.tasks(model);
            assertThat(points.accuracy(tasks.handle("task-1").block(), 0)).isGreaterThan(0.85);
            assertThat(points.accuracy(tasks.handle("task-2").block(), 1)).isGreaterThan(0.85);
            assertThat(values(block)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(tasks.tensors("task-1", manager))
                    .containsOnlyKeys("w1/lora_A", "w1/lora_B", "w2/lora_A", "w2/lora_B");
            serves(file, tasks, manager);
            goesOnAfterARestart(file, tasks, manager);
            merges(file, block, tasks, manager);
        }
    }

    /** Beside the products as through the store, in training too: the same outputs and steps. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void updatesGoBesideTheProducts(boolean outFirst) throws Exception {
        Path file = mlp(outFirst);
        Map<String, float[]> found = new HashMap<>();
        for (String route : List.of("auto", "overlay")) {
            try (Model model = Tasks.model(block(file));
                    NDManager manager = NDManager.newBaseManager(Device.cpu());
                    ForgettingListener listener =
                            ForgettingListener.builder()
                                    .addStrategy("lora", Map.of("route", route))
                                    .build()) {
                points.fit(model, 0, 3, listener);
                TaskRegistry tasks = listener.tasks(model);
                String how = tasks.read("task-1", (base, task) -> task.toString());
                assertThat(how).contains(route.equals("auto") ? "2 beside" : "2 through");
                Block task = tasks.handle("task-1").block();
                found.put(route, outputs(task, points.batch(manager, 0)));
            }
        }
        assertThat(found.get("auto"))
                .usingComparatorWithPrecision(1e-3f)
                .containsExactly(found.get("overlay"));
    }

    @Test
    void whatIsNoPlainProductGoesThroughTheStore() throws Exception {
        Random random = new Random(3);
        Path file =
                Models.opset(13)
                        .input("x", DataType.FLOAT, -1, 8)
                        .weights(
                                "w1",
                                new long[] {8, 32},
                                GuardedTrainingTest.noise(random, 256, 0.2f))
                        .weights(
                                "w2",
                                new long[] {4, 32},
                                GuardedTrainingTest.noise(random, 128, 0.2f))
                        .node("MatMul", List.of("x", "w1"), List.of("h"))
                        .node("Relu", List.of("h"), List.of("r"))
                        .node("Transpose", List.of("w2"), List.of("t"))
                        .node("MatMul", List.of("r", "t"), List.of("y"))
                        .output("y", DataType.FLOAT)
                        .write(folder.resolve("mlp.onnx"));
        try (Model model = Tasks.model(block(file));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener("lora", Map.of())) {
            points.fit(model, 0, 2, listener);
            TaskRegistry tasks = listener.tasks(model);
            String how = tasks.read("task-1", (base, task) -> task.toString());
            assertThat(how).contains("1 beside their layers, 1 through the store");
            serves(file, tasks, manager);
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
                OnnxAdapterFile.write(
                        LearntAdapter.of(slots, tasks.tensors(task, manager), SCALE), adapter);
                server.load(task, adapter);
            }
            for (String task : tasks.tasks()) {
                assertThat(Ort.first(server.run(task, Map.of("x", x))))
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(outputs(tasks.handle(task).block(), inputs));
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
                assertThat(outputs(restored.handle(task).block(), inputs))
                        .isEqualTo(outputs(tasks.handle(task).block(), inputs));
            }
        }
    }

    private void merges(Path file, OnnxBlock block, TaskRegistry tasks, NDManager manager)
            throws Exception {
        NDList inputs = points.batch(manager, 0);
        float[] wanted = outputs(tasks.handle("task-1").block(), inputs);
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

    @Test
    void twoTasksOfTheRealTinyBert() throws Exception {
        Path file = GuardedTrainingTest.copy(folder, "tinybert.onnx");
        OnnxBlock block = block(file);
        Map<String, byte[]> before = values(block);
        try (Model model = Tasks.model(withHead(block));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener("lora", Map.of())) {
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
            assertThat(values(block)).containsExactlyInAnyOrderEntriesOf(before);
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
        OnnxAdapter adapter =
                LearntAdapter.of(slots, tasks.tensors("task-2", manager), SCALE, PREFIX);
        NDList inputs = sentences.batch(manager, 1);
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            String name = block(file).inputs().get(i).name();
            LongBuffer longs = LongBuffer.wrap(inputs.get(i).toLongArray());
            given.put(name, OnnxTensor.createTensor(Ort.ENVIRONMENT, longs, new long[] {32, 10}));
        }
        float[] wanted = outputs(task(file, tasks, manager), inputs);
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

    @Test
    void layersAreFoundByTypeAndByTheirOwnName() throws Exception {
        try (Model model = Tasks.model(block(mlp(false)));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        listener("lora", Map.of("targets", "theMatMul3", "owned", "b2"))) {
            points.fit(model, 0, 1, listener);
            Map<String, NDArray> tensors = listener.tasks(model).tensors("task-1", manager);
            assertThat(tensors.keySet()).contains("w2/lora_A", "w2/lora_B").hasSize(3);
            Path prepared = folder.resolve("prepared.onnx");
            AdapterSlots slots =
                    AdapterSlots.add(
                            folder.resolve("mlp.onnx"), LayerSelection.weight("w1"), prepared);
            assertThatThrownBy(() -> LearntAdapter.of(slots, tensors, SCALE))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("b2/");
            tensors.keySet().removeIf(name -> name.startsWith("b2"));
            assertThatThrownBy(() -> LearntAdapter.of(slots, tensors, SCALE))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("no slot for w2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora", "ia3"})
    void whatWorksByRowsRefusesWeightsStoredInOut(String strategy) throws Exception {
        try (Model model = Tasks.model(block(mlp(false)));
                ForgettingListener listener = listener(strategy, Map.of())) {
            assertThatThrownBy(() -> points.fit(model, 0, 1, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("w1 is stored (in, out)");
        }
    }
}
