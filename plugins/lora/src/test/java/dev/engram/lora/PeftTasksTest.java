package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import com.google.gson.JsonParser;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of Python's PEFT on the model that Python traced, and ours in Python. */
class PeftTasksTest {

    private static final String PYTHON = "ENGRAM_PEFT_PYTHON";
    private static final Path FILES = Path.of("src/test/resources/peft");
    private static final float ROUNDING = 1e-5f;

    @TempDir Path folder;
    private Model model;
    private ForgettingListener memory;

    @BeforeEach
    void open() throws Exception {
        model = Model.newInstance("bert-base", Device.cpu(), "PyTorch");
        model.load(FILES, "bert-base", Map.of("trainParam", "true"));
    }

    @AfterEach
    void close() {
        memory.close();
        model.close();
    }

    @Test
    void anAdapterOfPythonsPeftComputesWhatItComputedThere() throws Exception {
        TaskRegistry tasks = tasks("lora");
        PeftTasks.load(tasks, "python", FILES.resolve("real"));
        String expected = Files.readString(FILES.resolve("real/expected.json"));
        assertClose(outputs(tasks.handle("python")), floats(expected, "outputs"));
        assertClose(outputs(tasks.base()), floats(expected, "base"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rslora", "dora", "ranks", "allbias", "embedding", "ia3", "half"})
    void soDoOtherKindsOfAdapter(String variant) throws Exception {
        TaskRegistry tasks = tasks("lora");
        python("build", folder.toString(), variant);
        PeftTasks.load(tasks, "python", folder.resolve(variant).resolve("python"));
        String expected = Files.readString(folder.resolve(variant).resolve("expected.json"));
        assertClose(outputs(tasks.handle("python")), floats(expected, "outputs"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "ia3", "o-lora"})
    void aTaskTrainedHereComputesTheSameInPython(String strategy) throws Exception {
        TaskRegistry tasks = tasks(strategy);
        for (int task = 0; task < 2; task++) {
            train();
        }
        float[] here = outputs(tasks.handle("task-2"));
        PeftTasks.save(tasks, "task-2", folder.resolve("ours/java"), "tiny-bert");
        PeftTasks.load(tasks, "again", folder.resolve("ours/java"));
        assertClose(outputs(tasks.handle("again")), here);
        python("load", folder.toString(), "ours");
        String actual = Files.readString(folder.resolve("ours/actual.txt"));
        assertClose(here, floats(actual));
    }

    @Test
    void anAdapterOfAnotherBaseIsRefused() {
        TaskRegistry tasks = tasks("lora");
        train();
        PeftTasks.save(tasks, "task-1", folder, "tiny-bert");
        tasks.uninstall();
        model.getBlock().getParameters().get("classifier.bias").getArray().addi(1);
        assertThatThrownBy(() -> PeftTasks.load(tasks, "again", folder))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("base");
        assertThat(tasks.tasks()).containsExactly("task-1");
    }

    private TaskRegistry tasks(String strategy) {
        memory = ForgettingListener.builder().addStrategy(strategy).build();
        return memory.tasks(model);
    }

    private void train() {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .addTrainingListeners(memory))) {
            NDArray labels = manager.create(new int[] {0, 1, 0});
            for (int step = 0; step < 3; step++) {
                Batch batch =
                        new Batch(
                                manager.newSubManager(),
                                inputs(manager),
                                new NDList(labels),
                                3,
                                null,
                                null,
                                0,
                                1);
                EasyTrain.trainBatch(trainer, batch);
                trainer.step();
            }
            memory.endTask();
        }
    }

    private float[] outputs(TaskHandle handle) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            return handle.predict(inputs(manager)).head().toFloatArray();
        }
    }

    private static NDList inputs(NDManager manager) {
        Shape shape = new Shape(3, 8);
        return new NDList(
                manager.arange(24).toType(DataType.INT64, false).reshape(shape),
                manager.ones(shape, DataType.INT64));
    }

    private static void python(String... arguments) throws Exception {
        Optional<String> python =
                Optional.ofNullable(System.getProperty(PYTHON, System.getenv(PYTHON)));
        assumeTrue(
                python.isPresent(),
                "Skipped: set " + PYTHON + " to a python that has peft and transformers");
        List<String> command = new ArrayList<>();
        command.add(python.get());
        command.add(FILES.resolve("roundtrip.py").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
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
            assertThat(found[i]).isCloseTo(wanted[i], within(ROUNDING));
        }
    }
}
