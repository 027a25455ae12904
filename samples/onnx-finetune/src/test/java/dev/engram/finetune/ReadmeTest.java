package dev.engram.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.onnx.OnnxBlock;
import dev.engram.onnx.OnnxWriter;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.LearntAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.runtime.OnnxTaskServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/onnx-files.md run, and are printed there as they are here. */
class ReadmeTest {

    private static final String BEGIN = "// README begins";
    private static final String END = "// README ends";

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = folder.resolve("model.onnx");
        DemoModel.write(file, 4, 8, 2, 1);
    }

    @Test
    void aFileIsTrainedUnderGuardAndWrittenBack() throws Exception {
        byte[] before = Files.readAllBytes(file);
        try (Model model = Model.newInstance("readme", Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc-online").build()) {
            NDList inputs = new NDList(model.getNDManager().randomUniform(0, 1, new Shape(8, 4)));
            DefaultTrainingConfig config = config();
            Dataset newTask = dataset(model.getNDManager());
            // README begins
            OnnxBlock block = OnnxBlock.builder().setModel(file).build();
            model.setBlock(block); // or a SequentialBlock with it and a head of your own
            try (Trainer trainer = model.newTrainer(config.addTrainingListeners(listener))) {
                trainer.initialize(
                        inputs.getShapes()); // else DJL closes a fresh head with its first trainer
                EasyTrain.fit(trainer, 5, newTask, null);
            }
            OnnxWriter.builder().setBlock(block).addSample(inputs).build().write(file);
            // README ends
        }
        assertThat(Files.readAllBytes(file)).hasSameSizeAs(before).isNotEqualTo(before);
    }

    @Test
    void aLearntTaskServesInOnnxRuntime() throws Exception {
        Path prepared = folder.resolve("slots.onnx");
        Path adapter = folder.resolve("task-1.onnx_adapter");
        try (Model model = Model.newInstance("readme", Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(
                                        "lora",
                                        Map.of("targets", "fc1.weight,fc2.weight", "owned", ""))
                                .build()) {
            model.setBlock(OnnxBlock.builder().setModel(file).build());
            try (Trainer trainer = model.newTrainer(config().addTrainingListeners(listener))) {
                EasyTrain.fit(trainer, 5, dataset(model.getNDManager()), null);
            }
            // README begins
            TaskRegistry tasks = listener.tasks(model); // tasks.tasks() lists what was learnt
            AdapterSlots slots = AdapterSlots.add(file, LayerSelection.all(), prepared);
            OnnxAdapterFile.write(LearntAdapter.of(slots, tasks, "task-1"), adapter);
            // README ends
        }
        try (OnnxTaskServer server = OnnxTaskServer.builder().setModel(prepared).build()) {
            server.load("task-1", adapter);
            assertThat(server.tasks()).containsExactly("task-1");
        }
    }

    @Test
    void theExamplesOfThePageAreTheCodeAbove() throws Exception {
        String page = Files.readString(Path.of("../../docs/onnx-files.md"));
        String source =
                Files.readString(Path.of("src/test/java/dev/engram/finetune/ReadmeTest.java"));
        List<String> printed = between(page, "```java\n", "```");
        List<String> run = between(source, BEGIN + "\n", "            " + END + "\n");
        assertThat(printed.stream().filter(code -> code.contains("Onnx")).map(ReadmeTest::words))
                .hasSize(2)
                .containsExactlyElementsOf(run.stream().map(ReadmeTest::words).toList());
    }

    private static List<String> between(String text, String begin, String end) {
        List<String> found = new ArrayList<>();
        for (int at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + 1)) {
            int from = at + begin.length();
            found.add(text.substring(from, text.indexOf(end, from)));
        }
        return found;
    }

    private static String words(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining()).replace(" ", "");
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss());
    }

    private static Dataset dataset(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.randomUniform(0, 1, new Shape(32, 4)))
                .optLabels(manager.zeros(new Shape(32)))
                .setSampling(8, true)
                .build();
    }
}
