package dev.engram.distillation;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import dev.engram.tck.SmallTasks;
import java.io.IOException;

/** Small problems that the tests share: points in eight dimensions, four classes by two signs. */
final class Toy {

    static final int FEATURES = 8;
    static final int CLASSES = 4;

    private Toy() {}

    static Block mlp() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    /** Returns the network with a larger head; what a model has learnt stands in front. */
    static Block grown(Model from, int classes) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(32).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(classes).build());
        block.initialize(from.getNDManager(), DataType.FLOAT32, new Shape(32, FEATURES));
        for (int i = 0; i < block.getParameters().size(); i++) {
            NDArray old = from.getBlock().getParameters().valueAt(i).getArray();
            NDArray array = block.getParameters().valueAt(i).getArray();
            array.set(new NDIndex("0:" + old.getShape().get(0)), old);
        }
        return block;
    }

    static Model model(Block block) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("toy", Device.cpu());
        model.setBlock(block);
        return model;
    }

    /** The class is told by the signs of two features; each task looks at two others. */
    static ArrayDataset dataset(NDManager manager, int task, int samples) {
        return SmallTasks.dataset(manager, task, samples);
    }

    /** Returns the inputs of {@link #dataset} alone. */
    static NDArray features(NDManager manager, int task, int samples) {
        NDArray features = manager.create(new Shape(samples, FEATURES));
        try {
            int row = 0;
            for (Batch batch : dataset(manager, task, samples).getData(manager)) {
                int end = row + batch.getSize();
                features.set(new NDIndex(row + ":" + end), batch.getData().head());
                row = end;
                batch.close();
            }
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
        return features;
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

    static double accuracy(Model model, int task) {
        return SmallTasks.accuracy(model, task);
    }

    /** What the model, or all but its last layer, makes of a task's inputs. */
    static float[] outputs(Model model, int task, boolean withoutLast) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            ParameterStore store = new ParameterStore(manager, false);
            NDList seen = new NDList(features(manager, task, 128));
            int layers = model.getBlock().getChildren().size() - (withoutLast ? 1 : 0);
            for (Block layer : model.getBlock().getChildren().values().subList(0, layers)) {
                seen = layer.forward(store, seen, false);
            }
            return seen.head().toFloatArray();
        }
    }

    static boolean finite(Model model) {
        return model.getBlock().getParameters().values().stream()
                .allMatch(p -> Float.isFinite(p.getArray().sum().getFloat()));
    }
}
