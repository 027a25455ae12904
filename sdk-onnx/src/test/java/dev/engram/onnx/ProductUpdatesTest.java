package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates stand beside the products of a graph, or in a weight that it uses otherwise. */
class ProductUpdatesTest {

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    private static ForgettingListener listener(String strategy, Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy(strategy, settings).build();
    }

    /** Beside the products as through the store, in training too: the same outputs and steps. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void updatesGoBesideTheProducts(boolean outFirst) throws Exception {
        Path file = SmallMlp.of(folder, outFirst);
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
                found.put(route, TwoTasks.outputs(task, points.batch(manager, 0)));
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
                ForgettingListener listener = listener("lora", Map.of())) {
            points.fit(model, 0, 2, listener);
            TaskRegistry tasks = listener.tasks(model);
            String how = tasks.read("task-1", (base, task) -> task.toString());
            assertThat(how).contains("1 beside their layers, 1 through the store");
        }
    }

    @Test
    void layersAreFoundByTypeAndByTheirOwnName() throws Exception {
        try (Model model = Tasks.model(block(SmallMlp.of(folder, false)));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        listener("lora", Map.of("targets", "theMatMul3", "owned", "b2"))) {
            points.fit(model, 0, 1, listener);
            Map<String, NDArray> tensors = listener.tasks(model).tensors("task-1", manager);
            assertThat(tensors.keySet()).contains("w2/lora_A", "w2/lora_B").hasSize(3);
        }
    }

    @Test
    void factorsOfOutputsRefuseWeightsStoredInOutWhoseBiasIsAnotherNode() throws Exception {
        try (Model model = Tasks.model(block(SmallMlp.of(folder, false)));
                ForgettingListener listener = listener("ia3", Map.of())) {
            assertThatThrownBy(() -> points.fit(model, 0, 1, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("w1 is stored (in, out)")
                    .hasMessageContaining("feed-forward");
        }
    }

    @Test
    void aMagnitudeIsThatOfAnOutputAlsoWhereWeightsAreStoredInOut() throws Exception {
        try (Model model = Tasks.model(block(SmallMlp.of(folder, false)));
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        listener("dora", Map.of("targets", "w1", "owned", ""))) {
            points.fit(model, 0, 1, listener);
            Map<String, NDArray> tensors = listener.tasks(model).tensors("task-1", manager);
            assertThat(tensors.get("w1/lora_magnitude_vector").getShape())
                    .isEqualTo(
                            new Shape(
                                    1,
                                    model.getBlock()
                                            .getParameters()
                                            .get("w1")
                                            .getArray()
                                            .getShape()
                                            .get(1)));
        }
    }
}
