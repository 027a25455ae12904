package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.internal.memory.MemoryDirectory;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.source.Storage;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {

    private static final String BEGIN = "// README begins";
    private static final String END = "// README ends";

    @TempDir private Path memory;

    @Test
    void theExampleOfTheReadmeRuns() throws Exception {
        try (Model model = Model.newInstance("readme")) {
            model.setBlock(network());
            NDManager manager = model.getNDManager();
            Shape inputShape = new Shape(8, 4);
            List<Dataset> tasks = List.of(dataset(manager), dataset(manager));
            // README begins
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("ewc-online")
                            .optMemory(memory)
                            .build()) {
                TrainingConfig config =
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(Optimizer.adam().build())
                                .addTrainingListeners(listener);
                for (Dataset task : tasks) {
                    try (Trainer trainer = model.newTrainer(config)) {
                        trainer.initialize(inputShape);
                        EasyTrain.fit(trainer, 5, task, null);
                    }
                }
            }
            // README ends
        }
        assertThat(new MemoryDirectory(memory).latest().orElseThrow().tasks()).hasSize(2);
    }

    @Test
    void theTasksOfTheReadmeAreServed() throws Exception {
        try (Model model = Model.newInstance("readme")) {
            Block base = network();
            base.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(8, 4));
            model.setBlock(base);
            NDList inputs = new NDList(model.getNDManager().ones(new Shape(2, 4)));
            trainWithLora(model, "banking", "travel");
            // README begins
            ForgettingListener listener =
                    ForgettingListener.builder().addStrategy("lora").optMemory(memory).build();
            // train one task after the other, as above; then, or in another process:
            TaskRegistry tasks = listener.tasks(model);
            TaskHandle banking = tasks.handle("banking"); // any number of threads, none waits
            NDList answer = banking.predict(inputs);
            tasks.install();
            tasks.activate("travel"); // from now on forward passes of the model are travel's
            // README ends
            assertThat(answer.head().getShape()).isEqualTo(new Shape(2, 2));
            assertThat(model.getBlock()).isNotSameAs(base);
            assertThat(tasks.active()).isEqualTo("travel");
            listener.close();
            assertThat(model.getBlock()).isSameAs(base);
        }
    }

    private void trainWithLora(Model model, String... names) throws Exception {
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("lora").optMemory(memory).build()) {
            for (String name : names) {
                listener.nextTask(name);
                TrainingConfig config =
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .addTrainingListeners(listener);
                try (Trainer trainer = model.newTrainer(config)) {
                    EasyTrain.fit(trainer, 1, dataset(model.getNDManager()), null);
                }
            }
        }
    }

    @Test
    void theSealedReplayOfTheReadmeRuns() throws Exception {
        Path folder = memory.resolve("samples");
        KeyGenerator keys = KeyGenerator.getInstance("AES");
        keys.init(256);
        SecretKey key = keys.generateKey();
        try (Model model = Model.newInstance("readme")) {
            model.setBlock(network());
            // README begins
            ReplaySource source =
                    ReplayBuffer.builder()
                            .optSelection(Selection.CLASS_BALANCED)
                            .optBudget(Budget.ofBytes(500_000_000))
                            .optStorage(Storage.uint8(0, 1))
                            .optStore(
                                    device ->
                                            DiskStore.builder()
                                                    .setDirectory(folder)
                                                    .optKey(key)
                                                    .build())
                            .build();
            ForgettingGuard replay = RehearsalGuard.builder().setSource(source).build();
            ForgettingListener listener =
                    ForgettingListener.builder().addStrategy("ewc-online").addGuard(replay).build();
            // README ends
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addTrainingListeners(listener);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(8, 4));
                EasyTrain.fit(trainer, 1, dataset(model.getNDManager()), null);
            }
            assertThat(source.available(Task.named("another"))).isEqualTo(32);
            listener.close();
        }
    }

    @Test
    void theExamplesOfTheReadmeAndOfItsPagesAreTheCodeAbove() throws Exception {
        StringBuilder pages = new StringBuilder();
        for (String page : List.of("README.md", "docs/isolation.md", "docs/privacy.md")) {
            pages.append(Files.readString(Path.of("../..").resolve(page)));
        }
        Path tests = Path.of("src/test/java/dev/engram/quickstart");
        String source = Files.readString(tests.resolve("ReadmeTest.java"));
        String base = Files.readString(tests.resolve("ProtectedBaseTest.java"));
        List<String> printed = between(pages.toString(), "```java\n", "```");
        // The first mark in the source is that of the constant itself.
        List<String> run = between(base, BEGIN + "\n", "            " + END + "\n");
        run.addAll(between(source, BEGIN + "\n", "            " + END + "\n"));
        // Those with ONNX files are the business of samples/onnx-finetune.
        assertThat(printed.stream().filter(code -> !code.contains("Onnx")).map(ReadmeTest::words))
                .hasSize(4)
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

    /** With a hidden layer: DJL takes gradients that add up to nothing for missing ones. */
    private static Block network() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(8).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private static Dataset dataset(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.randomUniform(0, 1, new Shape(32, 4)))
                .optLabels(manager.zeros(new Shape(32)))
                .setSampling(8, true)
                .build();
    }
}
