package dev.engram.quickstart;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.ScenarioTask;
import dev.engram.scenarios.TaskLoss;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** An ordinary training with {@code EasyTrain.fit}, task after task: the loop that users have. */
final class EasyTrainRun {

    private static final int BATCH = 128;
    private static final List<Integer> HIDDEN = List.of(400, 400);

    private final TaskSequence sequence;
    private final int iterations;
    private final int seed;
    private final ProgressBar bar;

    static final int WARM_UP = 50;

    EasyTrainRun(TaskSequence sequence, int iterations, int seed, ProgressBar bar) {
        this.sequence = sequence;
        this.iterations = iterations;
        this.seed = seed;
        this.bar = bar;
    }

    /** Trains a model that nobody looks at, so that the first timed run is not the JVM's first. */
    void warmUp() throws IOException, TranslateException {
        try (Model model = Mlp.model(HIDDEN, sequence.outputs());
                NDManager own = model.getNDManager().newSubManager()) {
            bar.setExtraMessage("warming up");
            ScenarioTask task = sequence.task(0);
            fit(model, task, dataset(task, own), null);
        }
    }

    /** Trains a new model on all tasks; the listener is all that differs between runs. */
    ReportedRun train(String name, @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(seed);
        AccuracyMatrix matrix = new AccuracyMatrix(sequence.names());
        List<Tested> tests = new ArrayList<>();
        long nanos = 0;
        try (Model model = Mlp.model(HIDDEN, sequence.outputs())) {
            NDManager manager = model.getNDManager();
            for (int i = 0; i < sequence.names().size(); i++) {
                ScenarioTask task = sequence.task(i);
                bar.setExtraMessage(name + ": " + task.name());
                try (NDManager own = manager.newSubManager()) {
                    ArrayDataset dataset = dataset(task, own);
                    long begin = System.nanoTime();
                    fit(model, task, dataset, listener);
                    nanos += System.nanoTime() - begin;
                }
                tests.add(
                        new Tested(
                                new DeviceImages(task.test(), manager),
                                TaskLoss.outputMask(sequence, task, manager)));
                matrix.addRow(
                        tests.stream()
                                .mapToDouble(t -> t.images.accuracy(model.getBlock(), t.mask))
                                .toArray());
            }
        }
        return ReportedRun.of(name, matrix, nanos / 1e9);
    }

    private void fit(
            Model model,
            ScenarioTask task,
            ArrayDataset dataset,
            @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(TaskLoss.of(sequence, task, model.getNDManager()))
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(1e-3f))
                                        .build())
                        .addTrainingListeners(new Ticks());
        if (listener != null) {
            listener.nextTask(task.name());
            config.addTrainingListeners(listener);
        }
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(BATCH, sequence.features()));
            EasyTrain.fit(trainer, 1, dataset, null);
        }
    }

    /** Draws as many images as the steps need, so that one epoch is one task. */
    private ArrayDataset dataset(ScenarioTask task, NDManager manager) {
        try (DeviceImages images = new DeviceImages(task.train(), manager)) {
            long[] rows =
                    new Random(seed).longs((long) iterations * BATCH, 0, images.count()).toArray();
            try (NDArray index = manager.create(rows)) {
                NDArray pixels = images.pixels().get(index);
                pixels.attach(manager);
                NDArray labels = images.labels().get(index);
                labels.attach(manager);
                return new ArrayDataset.Builder()
                        .setData(pixels)
                        .optLabels(labels)
                        .setSampling(BATCH, false)
                        .build();
            }
        }
    }

    private record Tested(DeviceImages images, NDArray mask) {}

    /** Moves the progress bar. */
    private final class Ticks extends TrainingListenerAdapter {

        @Override
        public void onTrainingBatch(Trainer trainer, BatchData batchData) {
            bar.step();
        }
    }
}
