package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.lora.LoraIsolation;
import dev.engram.lora.PeftTasks;
import dev.engram.onnx.testing.SharedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LoRA finds its layers in files as PyTorch's exporters write them without being asked. */
class LayerTargetsTest {

    @TempDir Path folder;

    private static OnnxBlock block(Path file) throws Exception {
        return OnnxBlock.builder().setModel(file).build();
    }

    /** What LoRA adapts in a block with its settings as they are. */
    private static Set<String> adapted(OnnxBlock block) {
        Set<String> adapted = new TreeSet<>();
        try (Model model = Model.newInstance("file", Device.cpu())) {
            model.setBlock(block);
            TaskRegistry tasks = new TaskRegistry(model, LoraIsolation.builder().build());
            tasks.add(
                    "task",
                    (isolation, base) -> {
                        TaskParameters fresh = isolation.create(base, Task.named("task"));
                        fresh.parameters()
                                .keys()
                                .forEach(key -> adapted.add(key.substring(0, key.indexOf('/'))));
                        return fresh;
                    });
            tasks.close();
        }
        return adapted;
    }

    private static Set<String> modules(OnnxBlock block, Set<String> weights) {
        return weights.stream()
                .map(weight -> block.layerOf(weight).map(LayerUse::module).orElse("?" + weight))
                .map(module -> module.substring(module.lastIndexOf('.') + 1))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({
        "llama-eager-ts, q_proj v_proj, 4",
        "llama-eager-dyn, q_proj v_proj, 4",
        "bert-eager-ts, query value, 4",
        "bert-eager-dyn, query value, 4",
        "vit-eager-ts, q_proj v_proj, 4",
        "gpt2-eager-ts, c_attn, 2",
        "gpt2-eager-dyn, c_attn, 2"
    })
    void queriesAndValuesAreFoundByNamesAndByStructureAlone(String name, String modules, int layers)
            throws Exception {
        Path file = SharedData.onnx("exports/" + name + ".onnx");
        OnnxBlock named = block(file);
        OnnxBlock nameless = block(nameless(file));
        List<String> order = new ArrayList<>(named.trained().keySet());
        List<String> others = new ArrayList<>(nameless.trained().keySet());
        Set<String> found = adapted(named);
        assertThat(modules(named, found)).containsExactlyInAnyOrder(modules.split(" "));
        assertThat(found).hasSize(layers);
        assertThat(adapted(nameless).stream().map(weight -> order.get(others.indexOf(weight))))
                .containsExactlyInAnyOrderElementsOf(found);
    }

    /** The same file with numbers in place of all names that tell something. */
    private Path nameless(Path file) throws Exception {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        List<String> told = new ArrayList<>();
        graph.getInitializerList().forEach(tensor -> told.add(tensor.getName()));
        for (int i = 0; i < told.size(); i++) {
            graph.getInitializerBuilder(i).setName("w" + i);
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto.Builder node = graph.getNodeBuilder(i).setName("n" + i).clearMetadataProps();
            for (int input = 0; input < node.getInputCount(); input++) {
                int place = told.indexOf(node.getInput(input));
                node.setInput(input, place < 0 ? node.getInput(input) : "w" + place);
            }
        }
        return Models.write(
                model.toBuilder().setGraph(graph).build(), folder.resolve("nameless.onnx"));
    }

    @ParameterizedTest
    @CsvSource({"llama-eager-ts", "llama-eager-dyn", "gpt2-eager-ts"})
    void theHeadIsNotAmongAllLayers(String name) throws Exception {
        OnnxBlock block = block(SharedData.onnx("exports/" + name + ".onnx"));
        assertThat(modules(block, block.tokenHeads())).containsExactly("lm_head");
        block.clear();
    }

    /** A folder of PEFT names modules; the file calls its weights {@code onnx::MatMul_673}. */
    @Test
    void peftFoldersAreMappedByTheModulesOfTheNodes() throws Exception {
        OnnxBlock block = block(SharedData.onnx("exports/llama-eager-ts.onnx"));
        try (Model model = Model.newInstance("file", Device.cpu());
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            model.setBlock(block);
            TaskRegistry tasks =
                    new TaskRegistry(
                            model, LoraIsolation.builder().optTargets("q_proj,down_proj").build());
            tasks.add("own", LayerTargetsTest::learnt);
            PeftTasks.save(tasks, "own", folder, "llama");
            assertThat(Files.readString(folder.resolve("adapter_config.json")))
                    .contains("m.model.layers.0.self_attn.q_proj", "m.model.layers.1.mlp.down_proj")
                    .doesNotContain("MatMul");
            PeftTasks.load(tasks, "again", folder);
            NDList inputs = new RandomInputs(1).of(block.inputs(), manager);
            float[] base = tasks.base().predict(inputs).head().toFloatArray();
            float[] own = tasks.handle("own").predict(inputs).head().toFloatArray();
            assertThat(tasks.handle("again").predict(inputs).head().toFloatArray())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(own);
            assertThat(own).isNotEqualTo(base);
            tasks.close();
        }
    }

    private static TaskParameters learnt(
            dev.engram.api.isolation.ParameterIsolation isolation,
            dev.engram.api.isolation.BaseModel base) {
        TaskParameters fresh = isolation.create(base, Task.named("own"));
        for (Parameter own : fresh.parameters().values()) {
            own.getArray().set(LearntGraphs.noise((int) own.getArray().size()));
        }
        return fresh;
    }
}
