package dev.engram.gradientprojection;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.tck.SmallTasks;

/** Models for the small tasks of the contract tests: points in eight dimensions, four classes. */
final class Toy {

    static final int FEATURES = SmallTasks.FEATURES;
    static final int CLASSES = SmallTasks.CLASSES;

    private Toy() {}

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("toy", Device.cpu());
        model.setBlock(block);
        return model;
    }

    static Optimizer adam() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(5e-3f)).build();
    }

    static Optimizer sgd(float rate) {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build();
    }

    static Trainer trainer(Model model, Optimizer optimizer, TrainingListener... listeners) {
        return SmallTasks.trainer(model, optimizer, listeners);
    }

    static void fit(
            Model model, int task, int epochs, Optimizer optimizer, TrainingListener... listeners) {
        SmallTasks.fit(model, task, epochs, optimizer, listeners);
    }
}
