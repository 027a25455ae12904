package dev.engram.finetune;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.djl.ForgettingListener;
import dev.engram.onnx.OnnxBlock;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.images.DeviceImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A plain DJL training of an ONNX file. */
final class Training {

    private final Plan plan;

    Training(Plan plan) {
        this.plan = plan;
    }

    /** Reads the file as a model that trains. */
    Model model(Path file) throws IOException {
        Engine.getInstance().setRandomSeed(plan.seed());
        Model model = Model.newInstance("onnx", Device.cpu());
        model.setBlock(OnnxBlock.builder().setModel(file).build());
        return model;
    }

    /** Learns a task; the listener is all that differs between a guarded run and a plain one. */
    void learn(Model model, TaskData task, @Nullable ForgettingListener listener) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(plan.rate()))
                                        .build());
        if (listener != null) {
            listener.nextTask(task.name());
            config.addTrainingListeners(listener);
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                DeviceImages images = task.train(manager);
                Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(task.input().batch(plan.batch()));
            run(trainer, task, images);
        }
    }

    private void run(Trainer trainer, TaskData task, DeviceImages images) {
        Random random = new Random(plan.seed() * 31L + task.name().hashCode());
        for (int step = 0; step < plan.steps(); step++) {
            try (Batch batch = task.batch(images, plan, random, trainer.getManager())) {
                SequenceRun.step(trainer, batch);
            }
        }
        trainer.notifyListeners(listener -> listener.onEpoch(trainer));
    }
}
