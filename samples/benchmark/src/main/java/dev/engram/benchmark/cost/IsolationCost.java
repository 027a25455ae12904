package dev.engram.benchmark.cost;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.benchmark.results.RunResult;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures steps that train a task's own parameters against steps that train the whole model, in
 * alternation: an encoder of 4 layers, width 256, sequences of 64, batches of 16.
 */
public final class IsolationCost {

    private static final int LAYERS = 4;
    private static final int WIDTH = 256;
    private static final int HEADS = 8;
    private static final int SEQUENCE = 64;
    private static final int BATCH = 16;
    private static final int CLASSES = 15;
    private static final int WARM_UP = 10;
    private static final int BLOCK = 5;

    private final int steps;
    private final float dropout;
    private final Presets presets;

    public IsolationCost(int steps, float dropout, Presets presets) {
        this.steps = steps;
        this.dropout = dropout;
        this.presets = presets;
    }

    public List<RunResult> run(List<String> strategies) {
        List<RunResult> results = new ArrayList<>();
        for (String strategy : strategies) {
            if (!strategy.equals("none")) {
                results.add(measure(strategy));
            }
        }
        return results;
    }

    private RunResult measure(String strategy) {
        var builder = ForgettingListener.builder();
        presets.settings("isolation-cost", Scenario.TASK, strategy).forEach(builder::addStrategy);
        try (ForgettingListener listener = builder.build();
                Lane whole = new Lane(null);
                Lane isolated = new Lane(listener)) {
            double[] wholeTimes = new double[steps];
            double[] isolatedTimes = new double[steps];
            for (int i = -WARM_UP; i < steps; i++) {
                int slot = Math.max(0, i);
                boolean wholeFirst = i % 2 == 0;
                if (wholeFirst) {
                    wholeTimes[slot] = whole.step();
                }
                isolatedTimes[slot] = isolated.step();
                if (!wholeFirst) {
                    wholeTimes[slot] = whole.step();
                }
            }
            listener.endTask();
            return report(strategy, wholeTimes, isolatedTimes, whole, isolated);
        }
    }

    private static RunResult report(
            String strategy, double[] whole, double[] isolated, Lane full, Lane own) {
        RunResult result = new RunResult("isolation-cost", null, strategy, null);
        result.stepMillis = StepTimes.median(isolated);
        result.stepRatio = StepTimes.medianRatio(isolated, whole, BLOCK);
        System.out.printf(
                "%s: %.1f ms a step, %.1f ms for the whole model, median ratio of blocks %.3f;"
                        + " values with gradient and moments %d of %d (%.2f %%)%n",
                strategy,
                result.stepMillis,
                StepTimes.median(whole),
                result.stepRatio,
                own.trained,
                full.trained,
                100.0 * own.trained / full.trained);
        return result;
    }

    /** A model with its trainer. */
    private final class Lane implements AutoCloseable {

        private final Model model;
        private final Trainer trainer;
        private final NDArray data;
        private final NDArray labels;
        private long trained;

        Lane(@Nullable ForgettingListener listener) {
            Engine.getInstance().setRandomSeed(1);
            model = Model.newInstance("encoder");
            SequentialBlock block = new SequentialBlock();
            for (int i = 0; i < LAYERS; i++) {
                block.add(
                        new TransformerEncoderBlock(
                                WIDTH, HEADS, 4 * WIDTH, dropout, Activation::gelu));
            }
            block.add(LambdaBlock.singleton(x -> x.mean(new int[] {1})))
                    .add(Linear.builder().setUnits(CLASSES).build());
            Shape shape = new Shape(BATCH, SEQUENCE, WIDTH);
            block.initialize(model.getNDManager(), DataType.FLOAT32, shape);
            model.setBlock(block);
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(1e-4f))
                                            .build());
            if (listener != null) {
                config.addTrainingListeners(listener);
            }
            trainer = model.newTrainer(config);
            data = model.getNDManager().randomNormal(shape);
            labels =
                    model.getNDManager()
                            .randomInteger(0, CLASSES, new Shape(BATCH), DataType.INT64);
        }

        double step() {
            long begin = System.nanoTime();
            try (NDManager scope = trainer.getManager().newSubManager()) {
                NDArray input = data.stopGradient();
                NDArray label = labels.stopGradient();
                input.attach(scope);
                label.attach(scope);
                Batch batch =
                        new Batch(
                                scope,
                                new NDList(input),
                                new NDList(label),
                                BATCH,
                                null,
                                null,
                                0,
                                1);
                SequenceRun.step(trainer, batch);
                if (trained == 0) {
                    trained =
                            model.getBlock().getParameters().values().stream()
                                    .filter(Parameter::requiresGradient)
                                    .mapToLong(parameter -> parameter.getArray().size())
                                    .sum();
                }
            }
            return (System.nanoTime() - begin) / 1e6;
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
        }
    }
}
