package dev.engram.onnx;

import static dev.engram.onnx.Models.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.onnxruntime.OnnxTensor;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.lora.LoraIsolation;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.runtime.OnnxTaskServer;
import dev.engram.onnx.testing.Ort;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter of a learnt task answers in ONNX Runtime as the task does in DJL, or is refused. */
class LearntAdapterTest {

    private static final float[] X = {1, -2, 3, 0.5f};

    @TempDir Path folder;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final Model model = Model.newInstance("file", Device.cpu());

    @AfterEach
    void close() {
        model.close();
        manager.close();
    }

    private static LoraIsolation.Builder lora() {
        return LoraIsolation.builder().optTargets("w").optOwned("").optRank(2).optAlpha(7);
    }

    private TaskRegistry tasks(Block block, LoraIsolation isolation) {
        model.setBlock(block);
        return new TaskRegistry(model, isolation);
    }

    /** Gives a task what a training would: pairs that are not zero. */
    private static void learn(TaskRegistry tasks, String name) {
        tasks.add(
                name,
                (isolation, base) -> {
                    TaskParameters fresh = isolation.create(base, Task.named(name));
                    for (Parameter own : fresh.parameters().values()) {
                        NDArray array = own.getArray();
                        if (own.requiresGradient()) {
                            array.set(LearntGraphs.noise((int) array.size()));
                        }
                    }
                    return fresh;
                });
    }

    private Path file(String kind) throws Exception {
        return LearntGraphs.of(kind).write(folder.resolve("model.onnx"));
    }

    private AdapterSlots slots(Path file, LayerSelection selection) {
        return AdapterSlots.add(file, selection, folder.resolve("slots.onnx"));
    }

    private float[] inDjl(TaskRegistry tasks, String task) {
        NDList x = new NDList(manager.create(X, new Shape(1, 4)));
        return (task.isEmpty() ? tasks.base() : tasks.handle(task))
                .predict(x)
                .head()
                .toFloatArray();
    }

    private float[] served(OnnxAdapter adapter) throws Exception {
        try (OnnxTaskServer server =
                        OnnxTaskServer.builder().setModel(folder.resolve("slots.onnx")).build();
                OnnxTensor x = Ort.floats(X, 1, 4)) {
            server.load("task", adapter);
            return Ort.first(server.run("task", Map.of("x", x)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gemm alpha",
                "gemm alpha, added bias",
                "gemm beta",
                "two products",
                "two alphas",
                "identity"
            })
    void theServerAnswersAsTheTaskWhateverScaleTaskAndLayerHave(String kind) throws Exception {
        Path file = file(kind);
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        try (TaskRegistry tasks = tasks(block, lora().build())) {
            learn(tasks, "task");
            float[] wanted = inDjl(tasks, "task");
            OnnxAdapter adapter =
                    LearntAdapter.of(slots(file, LayerSelection.all()), tasks, "task");
            assertThat(served(adapter)).usingComparatorWithPrecision(1e-3f).containsExactly(wanted);
            assertThat(Math.abs(inDjl(tasks, "")[0] - wanted[0])).isGreaterThan(0.01f);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tied:Gather",
                "also a sum:ReduceSum",
                "also an output:output w",
                "also in a branch:MatMul hidden in a branch"
            })
    void aWeightThatIsAlsoUsedOutsideSlotsIsRefusedNamingTheUse(String test) throws Exception {
        Path file = file(test.substring(0, test.indexOf(':')));
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        AdapterSlots slots = slots(file, LayerSelection.all());
        assertThat(slots.unadapted("w")).hasSize(test.contains("branch") ? 2 : 1);
        try (TaskRegistry tasks = tasks(block, lora().build())) {
            learn(tasks, "task");
            assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("changed the weight w")
                    .hasMessageContaining(test.substring(test.indexOf(':') + 1));
        }
    }

    @Test
    void aSlotForOneOfTwoProductsIsRefused() throws Exception {
        Path file = file("two products");
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        AdapterSlots slots = slots(file, LayerSelection.node("theMatMul0"));
        try (TaskRegistry tasks = tasks(block, lora().build())) {
            learn(tasks, "task");
            assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task"))
                    .hasMessageContaining("[MatMul theMatMul1]");
        }
    }

    @Test
    void orthogonalTasksBringTheSumOfAllPairs() throws Exception {
        Path file = file("two products");
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        try (TaskRegistry tasks = tasks(block, lora().optOrthogonal(0.5).build())) {
            learn(tasks, "first");
            learn(tasks, "second");
            OnnxAdapter adapter =
                    LearntAdapter.of(slots(file, LayerSelection.all()), tasks, "second");
            assertThat(adapter.pairs().get("w").rank()).isEqualTo(4);
            assertThat(served(adapter))
                    .usingComparatorWithPrecision(1e-3f)
                    .containsExactly(inDjl(tasks, "second"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora", "ia3"})
    void whatIsNoPairIsRefusedAndNeverLeftOut(String variant) throws Exception {
        Path file =
                LearntGraphs.start()
                        .node("Gemm", List.of("x", "w", "b"), List.of("y"), told("transB", 1))
                        .write(folder.resolve("model.onnx"));
        LoraIsolation.Builder chosen =
                variant.equals("dora") ? lora().optDecomposed() : lora().optRescaling("");
        AdapterSlots slots = slots(file, LayerSelection.all());
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        try (TaskRegistry tasks = tasks(block, chosen.build())) {
            learn(tasks, "task");
            assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("also learnt [w/");
        }
    }

    @Test
    void whatIsOwnedAsAWholeOrHasNoSlotIsRefused() throws Exception {
        Path file =
                LearntGraphs.start()
                        .weights("v", new long[] {4, 4}, LearntGraphs.noise(16))
                        .node("MatMul", List.of("x", "v"), List.of("h"))
                        .node("Gemm", List.of("h", "w", "b"), List.of("y"))
                        .write(folder.resolve("model.onnx"));
        AdapterSlots slots = slots(file, LayerSelection.weight("v"));
        for (String owned : List.of("b", "")) {
            OnnxBlock block = OnnxBlock.builder().setModel(file).build();
            try (TaskRegistry tasks = tasks(block, lora().optOwned(owned).build())) {
                learn(tasks, "task");
                assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task"))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining(owned.isEmpty() ? "no slot for w" : "learnt [b/");
            }
        }
    }

    @Test
    void ofTwoFilesInOneModelThePrefixIsWanted() throws Exception {
        Path file = file("gemm beta");
        AdapterSlots slots = slots(file, LayerSelection.all());
        Block both =
                new ParallelBlock(outputs -> outputs.get(0))
                        .add(new SequentialBlock().add(OnnxBlock.builder().setModel(file).build()))
                        .add(OnnxBlock.builder().setModel(file).build());
        LoraIsolation isolation = LoraIsolation.builder().optTargets("w").optOwned("").build();
        try (TaskRegistry tasks = tasks(both, isolation)) {
            learn(tasks, "task");
            assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task"))
                    .hasMessageContaining(
                            "2 OnnxBlocks inside ([01SequentialBlock_01OnnxBlock_, 02OnnxBlock_])");
            assertThat(served(LearntAdapter.of(slots, tasks, "task", "02OnnxBlock_"))).hasSize(4);
        }
    }

    @Test
    void whatIsOneMatrixInTheFileAndTwoInTheBlockIsRefused() throws Exception {
        Path file = file("identity");
        AdapterSlots slots = slots(file, LayerSelection.all());
        OnnxBlock untied = OnnxBlock.builder().setModel(file).optUntieAliases(true).build();
        TaskRegistry tasks = tasks(untied, lora().build());
        learn(tasks, "task-1");
        assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task-1"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("w and v as one matrix")
                .hasMessageContaining("optUntieAliases");
    }

    @Test
    void aBaseWithOtherValuesThanTheSlotsFileIsRefused() throws Exception {
        Path file = file("gemm beta");
        AdapterSlots slots = slots(file, LayerSelection.all());
        OnnxBlock block = OnnxBlock.builder().setModel(file).build();
        NDArray bias = block.getParameters().get("b").getArray();
        bias.setRequiresGradient(false);
        bias.addi(1);
        TaskRegistry tasks = tasks(block, lora().build());
        learn(tasks, "task-1");
        assertThatThrownBy(() -> LearntAdapter.of(slots, tasks, "task-1"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("other values than the base under the task, in [b]");
    }
}
