package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights that are stored (in, out), embeddings and tied weights, on a GPT-2 that Python traced:
 * see {@code peft/layouts.py}.
 */
class WeightLayoutsTest {

    private static final String PYTHON = "ENGRAM_PEFT_PYTHON";
    private static final Path FILES = Path.of("src/test/resources/peft/layouts");
    private static final float ROUNDING = 2e-5f;
    private static final String TARGETS =
            "attn.c_attn.weight,attn.c_proj.weight,mlp.c_proj.weight,lm_head.weight";

    @TempDir Path folder;
    private Model model;
    private ForgettingListener memory;

    private TaskRegistry tasks(String file, String strategy, Map<String, ?> settings)
            throws Exception {
        model = Model.newInstance(file, Device.cpu(), "PyTorch");
        model.load(FILES, file, Map.of("trainParam", "true"));
        memory = ForgettingListener.builder().addStrategy(strategy, settings).build();
        return memory.tasks(model);
    }

    @AfterEach
    void close() {
        memory.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mixed",
                "dora-conv1d",
                "ia3-conv1d",
                "embedding",
                "dora-embedding",
                "saved",
                "lora-head"
            })
    void anAdapterOfPythonComputesWhatItComputedThereAndIsSavedAsItWas(String variant)
            throws Exception {
        TaskRegistry tasks = tasks("gpt2", "lora", Map.of());
        PeftTasks.load(tasks, "python", FILES.resolve(variant));
        String expected = Files.readString(FILES.resolve(variant).resolve("expected.json"));
        assertClose(outputs(tasks.base()), floats(expected, "base"));
        assertClose(outputs(tasks.handle("python")), floats(expected, "outputs"));
        PeftTasks.save(tasks, "python", folder.resolve("again"), "gpt2");
        assertSameAdapter(FILES.resolve(variant), folder.resolve("again"));
        assertPythonComputes(folder.resolve("again"), outputs(tasks.handle("python")));
    }

    private static void assertSameAdapter(Path one, Path other) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            PeftAdapter was = PeftFiles.read(one, manager);
            PeftAdapter is = PeftFiles.read(other, manager);
            assertThat(is.config()).isEqualTo(was.config().withBaseModel("gpt2"));
            // What PEFT writes twice more, and does not read, is not written again.
            List<String> read =
                    was.tensors().keySet().stream()
                            .filter(name -> !name.matches(".*(original_module|to_save).bias"))
                            .toList();
            assertThat(is.tensors().keySet()).containsExactlyInAnyOrderElementsOf(read);
            for (String name : read) {
                NDArray value = was.tensors().get(name);
                assertThat(is.tensors().get(name).contentEquals(value)).as(name).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lora, '" + TARGETS + ",wte.weight'",
        "dora, '" + TARGETS + ",wte.weight'",
        "o-lora, '" + TARGETS + ",wte.weight'",
        "ia3, '" + TARGETS + "'"
    })
    void aTaskOfOursIsTheSameWhenReadAgainAndInPython(String strategy, String targets)
            throws Exception {
        TaskRegistry tasks = tasks("gpt2", strategy, Map.of("targets", targets, "owned", "ln_f"));
        Drawn.add(tasks, "first", 0.2f);
        Drawn.add(tasks, "ours", 0.2f);
        float[] here = outputs(tasks.handle("ours"));
        PeftTasks.save(tasks, "ours", folder.resolve("ours"), "gpt2");
        PeftTasks.load(tasks, "again", folder.resolve("ours"));
        assertClose(outputs(tasks.handle("again")), here);
        assertPythonComputes(folder.resolve("ours"), here);
    }

    @Test
    void aSumOfAdaptersOfOtherRanksScalesAndTargetsIsExactAndSavedAsItIs() throws Exception {
        TaskRegistry tasks = tasks("gpt2", "lora", Map.of());
        PeftTasks.load(tasks, "mixed", FILES.resolve("mixed"));
        PeftTasks.load(tasks, "embedding", FILES.resolve("embedding"));
        tasks.combine("sum", Map.of("mixed", 0.5, "embedding", -2.0));
        float[] here = outputs(tasks.handle("sum"));
        PeftTasks.save(tasks, "sum", folder.resolve("sum"), "gpt2");
        PeftTasks.load(tasks, "again", folder.resolve("sum"));
        assertClose(outputs(tasks.handle("again")), here);
        assertPythonComputes(folder.resolve("sum"), here);
    }

    @Test
    void aWeightThatLayersShareInMemoryIsRefusedWithTheirNames() throws Exception {
        TaskRegistry tasks = tasks("tied", "lora", Map.of("targets", "lm_head.weight"));
        float[] before = outputs(tasks.base());
        assertThatThrownBy(() -> Drawn.add(tasks, "any", 1))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("lm_head.weight, which is also")
                .hasMessageContaining("wte.weight");
        assertThatThrownBy(() -> PeftTasks.load(tasks, "head", FILES.resolve("lora-head")))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("lm_head.weight is also the weight of")
                .hasMessageContaining("wte.weight");
        assertThat(tasks.tasks()).isEmpty();
        assertThat(outputs(tasks.base())).isEqualTo(before);
    }

    @Test
    void autoLeavesATiedHeadAlone() throws Exception {
        TaskRegistry tasks = tasks("tied", "lora", Map.of());
        Drawn.add(tasks, "any", 1);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            assertThat(tasks.tensors("any", manager).keySet())
                    .isNotEmpty()
                    .noneMatch(name -> name.contains("lm_head") || name.contains("wte"));
        }
    }

    private float[] outputs(TaskHandle handle) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray ids = manager.arange(12).toType(DataType.INT64, false).reshape(new Shape(2, 6));
            return handle.predict(new NDList(ids)).head().toFloatArray();
        }
    }

    /** Only where there is a Python with peft. */
    private static void assertPythonComputes(Path adapter, float[] wanted) throws Exception {
        Optional<String> python =
                Optional.ofNullable(System.getProperty(PYTHON, System.getenv(PYTHON)));
        if (python.isEmpty()) {
            return;
        }
        Path script = FILES.resolveSibling("layouts.py");
        Process process =
                new ProcessBuilder(python.get(), script.toString(), "load", ".", adapter.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).doesNotContain("missing adapter keys");
        assertClose(floats(Files.readString(adapter.resolve("actual.txt"))), wanted);
    }

    private static float[] floats(String json, String key) {
        return floats(JsonParser.parseString(json).getAsJsonObject().get(key).getAsString());
    }

    private static float[] floats(String hex) {
        ByteBuffer bytes =
                ByteBuffer.wrap(HexFormat.of().parseHex(hex.strip()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static void assertClose(float[] found, float[] wanted) {
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(wanted[i], within(ROUNDING * (1 + Math.abs(wanted[i]))));
        }
    }
}
