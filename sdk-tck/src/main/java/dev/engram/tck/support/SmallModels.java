package dev.engram.tck.support;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.api.Experimental;
import dev.engram.tck.SmallTasks;

/** What the tests of strategies train on {@link SmallTasks}: models and optimizers. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SmallModels {

    private static final int HIDDEN = 32;
    private static final float RATE = 5e-3f;

    private SmallModels() {}

    /** Returns the block of {@link SmallTasks#model}, without values. */
    public static Block mlp() {
        return mlp(SmallTasks.CLASSES);
    }

    /** Returns the network with a larger head; what a model has learnt stands in front. */
    public static Block grown(Model from, int classes) {
        Block block = mlp(classes);
        block.initialize(
                from.getNDManager(), DataType.FLOAT32, new Shape(HIDDEN, SmallTasks.FEATURES));
        for (int i = 0; i < block.getParameters().size(); i++) {
            NDArray old = from.getBlock().getParameters().valueAt(i).getArray();
            NDArray array = block.getParameters().valueAt(i).getArray();
            array.set(new NDIndex("0:" + old.getShape().get(0)), old);
        }
        return block;
    }

    private static Block mlp(int classes) {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(HIDDEN).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(classes).build());
    }

    /** Returns a model of a block, and begins the engine's random numbers anew. */
    public static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        return SmallTasks.model(block);
    }

    /** Returns the optimizer that the small tasks are trained with unless another is given. */
    public static Optimizer adam() {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(RATE)).build();
    }

    /** Returns gradient descent. */
    public static Optimizer sgd(float rate) {
        return Optimizer.sgd().setLearningRateTracker(Tracker.fixed(rate)).build();
    }

    /** Returns whether all values of a model are finite. */
    public static boolean isFinite(Model model) {
        return model.getBlock().getParameters().values().stream()
                .allMatch(p -> Float.isFinite(p.getArray().sum().getFloat()));
    }
}
