package dev.engram.generativereplay;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import dev.engram.api.settings.Setting;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.generativereplay.vae.VaeProvider;
import dev.engram.kit.rehearsal.Weighing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that is taken alone, by labels and by what the model answered before. */
class RehearsedAloneTest {

    private static final int SAMPLES = 400;

    /** Where the four classes lie; those of the second task lie further out the same way. */
    private static final float[][] CENTRES = {{3, 3}, {-3, -3}, {7, 3}, {-7, -3}};

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void unguardedTheClassesOfTheFirstTaskAreLost() throws IOException, TranslateException {
        assertThat(rightOfTheFirstTask(null)).isLessThan(0.1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixture", "vae"})
    void softTargetsKeepTheClassesOfTheFirstTask(String id) throws IOException, TranslateException {
        assertThat(rightOfTheFirstTask(listener(id, Map.of("soft-targets", 2))))
                .isGreaterThan(0.85);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixture", "vae"})
    void labelsKeepThemToo(String id) throws IOException, TranslateException {
        assertThat(rightOfTheFirstTask(listener(id, Map.of()))).isGreaterThan(0.85);
    }

    @Test
    void eachEarlierTaskWeighsAsMuchAsTheNewOneUnlessSet() {
        for (StrategyProvider provider : List.of(new MixtureProvider(), new VaeProvider())) {
            assertThat(provider.settings().stream().filter(own -> own.key().equals("weighing")))
                    .extracting(Setting::defaultValue)
                    .isEqualTo(List.of(Weighing.TASKS));
        }
    }

    private static ForgettingListener listener(String id, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        if (id.equals("vae")) {
            all.putAll(Map.of("hidden", 32, "latent", 2, "rate", 0.01, "iterations", 100));
        }
        return ForgettingListener.builder().addStrategy(id, all).build();
    }

    private double rightOfTheFirstTask(ForgettingListener listener)
            throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(1);
        try (listener;
                Model model = Model.newInstance("four", Device.cpu())) {
            model.setBlock(Linear.builder().setUnits(CENTRES.length).build());
            for (int task = 0; task < 2; task++) {
                train(model, task, listener);
            }
            NDArray said =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(points(0)),
                                    false)
                            .head();
            NDArray hits = said.argMax(1).eq(labels(0).toType(DataType.INT64, false));
            return hits.toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }

    private void train(Model model, int task, ForgettingListener listener)
            throws IOException, TranslateException {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(0.03f))
                                        .build());
        if (listener != null) {
            config.addTrainingListeners(new TrainingListener[] {listener});
        }
        ArrayDataset dataset =
                new ArrayDataset.Builder()
                        .setData(points(task))
                        .optLabels(labels(task))
                        .setSampling(20, true)
                        .build();
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(20, 2));
            EasyTrain.fit(trainer, 8, dataset, null);
        }
    }

    private NDArray points(int task) {
        Random random = new Random(task);
        float[] points = new float[2 * SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            float[] centre = CENTRES[2 * task + i % 2];
            points[2 * i] = centre[0] + (float) random.nextGaussian();
            points[2 * i + 1] = centre[1] + (float) random.nextGaussian();
        }
        return manager.create(points, new Shape(SAMPLES, 2));
    }

    private NDArray labels(int task) {
        float[] labels = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = 2 * task + i % 2;
        }
        return manager.create(labels);
    }
}
