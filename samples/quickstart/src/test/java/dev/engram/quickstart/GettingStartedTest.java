package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.ScenarioTask;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/getting-started.md: two tasks, each in a process of its own. */
class GettingStartedTest {

    private static final Pattern RUN = Pattern.compile("(?s)// page begins\n(.*?)// page ends");
    private static final Pattern PRINTED = Pattern.compile("(?s)```java\n(.*?)```");
    private static final TaskSequence TASKS =
            TaskSequence.permuted(DrawnDigits.draw(4000, 1000, 1), Scenario.DOMAIN, 2, 1);

    @TempDir private Path folder;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu());
        Engine.getInstance().setRandomSeed(1);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    // page begins
    static void train(Model model, Dataset data, String task, Path memory) throws Exception {
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("ewc-online").optMemory(memory).build()) {
            listener.nextTask(task);
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(Optimizer.adam().build())
                            .addTrainingListeners(listener);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(64, 784));
                EasyTrain.fit(trainer, 4, data, null);
            }
        }
    }

    // page ends

    @Test
    void theSecondProcessKeepsWhatTheFirstOneTaught() throws Exception {
        Path memory = folder.resolve("memory");
        Dataset first = dataset(TASKS.task(0));
        Dataset second = dataset(TASKS.task(1));
        try (Model model = network()) {
            // page begins
            train(model, first, "first", memory);
            model.save(folder, "model");
            // page ends
        }
        double plain = unguarded(second);
        try (Model model = network()) {
            // page begins
            model.load(folder, "model");
            train(model, second, "second", memory);
            model.save(folder, "model");
            // page ends
            assertThat(accuracy(model, TASKS.task(0))).isGreaterThan(plain + 0.05);
            assertThat(accuracy(model, TASKS.task(1))).isGreaterThan(0.8);
        }
    }

    @Test
    void theCodeOfThePageIsTheCodeAbove() throws Exception {
        String page = Files.readString(Path.of("../../docs/getting-started.md"));
        String source =
                Files.readString(
                        Path.of(
                                "src/test/java/dev/engram/quickstart",
                                getClass().getSimpleName() + ".java"));
        assertThat(words(PRINTED.matcher(page)))
                .hasSize(3)
                .containsExactlyElementsOf(words(RUN.matcher(source)));
    }

    private static List<String> words(Matcher code) {
        return code.results().map(found -> found.group(1).replaceAll("\\s+", "")).toList();
    }

    private double unguarded(Dataset second) throws Exception {
        try (Model model = network()) {
            model.load(folder, "model");
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(Optimizer.adam().build());
            try (Trainer trainer = model.newTrainer(config)) {
                EasyTrain.fit(trainer, 4, second, null);
            }
            return accuracy(model, TASKS.task(0));
        }
    }

    private static Model network() {
        return Mlp.model(List.of(200, 200), TASKS.outputs());
    }

    private Dataset dataset(ScenarioTask task) {
        Images images = task.train();
        return new ArrayDataset.Builder()
                .setData(
                        manager.create(
                                images.pixels(), new Shape(images.count(), images.features())))
                .optLabels(manager.create(images.labels()))
                .setSampling(64, false)
                .build();
    }

    private double accuracy(Model model, ScenarioTask task) {
        try (DeviceImages images = new DeviceImages(task.test(), model.getNDManager())) {
            return images.accuracy(
                    model.getBlock(), model.getNDManager().zeros(new Shape(TASKS.outputs())));
        }
    }
}
