package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
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
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.ScenarioTask;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.Images;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's first example: a pretrained model learns a task, and none of its old data is there.
 */
class ProtectedBaseTest {

    private static final TaskSequence TASKS =
            TaskSequence.permuted(DrawnDigits.draw(4000, 1000, 1), Scenario.DOMAIN, 2, 1);
    private static final ScenarioTask OLD = TASKS.task(0);
    private static final ScenarioTask NEW = TASKS.task(1);

    @TempDir private Path folder;
    private NDManager manager;
    private double base;

    @BeforeEach
    void pretrain() throws Exception {
        manager = NDManager.newBaseManager(Device.cpu());
        Engine.getInstance().setRandomSeed(1);
        try (Model model = Mlp.model(List.of(200, 200), TASKS.outputs())) {
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(Optimizer.adam().build());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(64, TASKS.features()));
                EasyTrain.fit(trainer, 4, dataset(OLD), null);
            }
            base = accuracy(model, OLD);
            model.save(folder, "digits");
        }
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void whatAPretrainedModelCanDoStaysWithoutAnyOfItsOldData() throws Exception {
        double forgotten;
        double learnt;
        try (Model model = Mlp.model(List.of(200, 200), TASKS.outputs())) {
            model.load(folder, "digits");
            TrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(Optimizer.adam().build());
            try (Trainer trainer = model.newTrainer(config)) {
                EasyTrain.fit(trainer, 4, dataset(NEW), null);
            }
            forgotten = accuracy(model, OLD);
            learnt = accuracy(model, NEW);
        }
        try (Model model = Mlp.model(List.of(200, 200), TASKS.outputs())) {
            Path memory = folder.resolve("memory");
            Dataset newTask = dataset(NEW);
            // README begins
            model.load(folder, "digits"); // a pretrained model, none of its old data
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("ewc-online")
                            .addStrategy("averaging")
                            .optBase(Base.PROTECT)
                            .optMemory(memory)
                            .build()) {
                TrainingConfig config =
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(Optimizer.adam().build())
                                .addTrainingListeners(listener); // the one line that is new
                try (Trainer trainer = model.newTrainer(config)) {
                    EasyTrain.fit(trainer, 4, newTask, null);
                }
            }
            // README ends
            assertThat(forgotten).isLessThan(base - 0.05);
            assertThat(accuracy(model, OLD) - forgotten).isGreaterThan(0.6 * (base - forgotten));
            assertThat(accuracy(model, NEW)).isGreaterThan(learnt - 0.02);
        }
    }

    private Dataset dataset(ScenarioTask task) {
        Images images = task.train();
        NDArray pixels =
                manager.create(images.pixels(), new Shape(images.count(), images.features()));
        return new ArrayDataset.Builder()
                .setData(pixels)
                .optLabels(manager.create(images.labels()))
                .setSampling(64, false)
                .build();
    }

    private double accuracy(Model model, ScenarioTask task) {
        try (DeviceImages images = new DeviceImages(task.test(), model.getNDManager())) {
            NDArray none = model.getNDManager().zeros(new Shape(TASKS.outputs()));
            return images.accuracy(model.getBlock(), none);
        }
    }
}
