package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;

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
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters in the user's own loop, with one listener. */
class ListenerTest {

    private static final Shape INPUT = new Shape(64, 4, 16);

    @TempDir Path directory;

    @Test
    void tasksAreLearntOverABaseThatStaysAndOutliveTheListener() throws Exception {
        float[] first;
        try (Model model = model();
                ForgettingListener memory = listener()) {
            Map<String, Integer> weights = weights(model.getBlock());
            assertThat(fit(model, 1, memory)).isGreaterThan(0.9f);
            first = outputs(model, memory.tasks(model).handle("task-1").block());
            assertThat(fit(model, -1, memory)).isGreaterThan(0.9f);
            assertThat(outputs(model, memory.tasks(model).handle("task-1").block()))
                    .isEqualTo(first);
            assertThat(weights(model.getBlock())).isEqualTo(weights);
        }
        try (Model model = model();
                ForgettingListener memory = listener()) {
            TaskRegistry tasks = memory.tasks(model);
            assertThat(outputs(model, tasks.handle("task-1").block())).isEqualTo(first);
        }
    }

    @Test
    void aTaskThatWasLearntBeforeTheHeadGrewAnswersAsItDid() throws Exception {
        try (Model old = model(2);
                Model grown = model(4);
                ForgettingListener memory = listener()) {
            fit(old, 1, memory);
            float[] first = outputs(old, memory.tasks(old).handle("task-1").block());
            for (int i = 0; i < old.getBlock().getParameters().size(); i++) {
                NDArray from = old.getBlock().getParameters().valueAt(i).getArray();
                NDArray to = grown.getBlock().getParameters().valueAt(i).getArray();
                to.set(new NDIndex("0:" + from.getShape().get(0)), from);
            }
            fit(grown, -1, memory);
            TaskRegistry tasks = memory.tasks(grown);
            assertThat(outputs(grown, tasks.handle("task-1").block())).isEqualTo(first);
            assertThat(outputs(grown, tasks.handle("task-2").block())).hasSize(64 * 4);
        }
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder()
                .addStrategy("adapters", Map.of("bottleneck", 8))
                .optMemory(directory)
                .build();
    }

    private static Model model() {
        return model(2);
    }

    private static Model model(int classes) {
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("base", Device.cpu());
        Block block =
                new SequentialBlock()
                        .add(new TransformerEncoderBlock(16, 2, 32, 0.1f, Activation::relu))
                        .add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                        .add(Linear.builder().setUnits(classes).build());
        block.initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
        model.setBlock(block);
        return model;
    }

    /**
     * The class is the side of the origin on a line, reversed or not; returns the accuracy at the
     * end.
     */
    private static float fit(Model model, int sign, ForgettingListener memory) throws Exception {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer =
                        model.newTrainer(
                                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                        .optOptimizer(
                                                Optimizer.adam()
                                                        .optLearningRateTracker(
                                                                Tracker.fixed(1e-2f))
                                                        .build())
                                        .addTrainingListeners(memory))) {
            NDArray labels = manager.randomInteger(0, 2, new Shape(512), DataType.INT64);
            NDArray side = labels.toType(DataType.FLOAT32, false).mul(2 * sign).sub(sign);
            NDArray moved = manager.arange(16f).sin().mul(side.reshape(512, 1, 1));
            NDArray x = manager.randomNormal(new Shape(512, 4, 16)).add(moved);
            EasyTrain.fit(
                    trainer,
                    12,
                    new ArrayDataset.Builder()
                            .setData(x)
                            .optLabels(labels)
                            .setSampling(32, false)
                            .build(),
                    null);
            NDArray found = trainer.evaluate(new NDList(x)).head().argMax(1);
            return found.eq(labels).toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }

    private static float[] outputs(Model model, Block block) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray x = manager.arange(64f * 4 * 16).sin().reshape(INPUT);
            return block.forward(new ParameterStore(manager, false), new NDList(x), false)
                    .head()
                    .toFloatArray();
        }
    }

    private static Map<String, Integer> weights(Block block) {
        Map<String, Integer> weights = new TreeMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            weights.put(
                    entry.getKey(), Arrays.hashCode(entry.getValue().getArray().toFloatArray()));
        }
        return weights;
    }
}
