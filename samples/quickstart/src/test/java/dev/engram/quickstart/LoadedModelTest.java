package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import dev.engram.api.guard.GuardEffect;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model that was just loaded is remembered by every strategy, and stays as it was. */
class LoadedModelTest {

    @TempDir private Path folder;

    @BeforeEach
    void save() throws Exception {
        try (Model model = Model.newInstance("base")) {
            model.setBlock(network());
            fit(model);
            model.save(folder, "base");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.engram.quickstart.Bundled#overOwnWeights")
    void everyStrategyRemembersAModelThatWasJustLoaded(String strategy) throws Exception {
        try (Model model = Model.newInstance("base");
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            model.setBlock(network());
            model.load(folder, "base");
            List<String> before = state(model);
            float[] outputs = outputs(model);
            listener.remember(model, dataset(model.getNDManager()));
            assertThat(state(model)).isEqualTo(before);
            assertThat(outputs(model)).isEqualTo(outputs);
            fit(model, listener);
            assertThat(listener.tasks()).hasSize(2);
            // A-GEM rests where no gradient goes against the old task, and averaging says that it
            // kept nothing where the new weights serve both.
            if (strategy.equals("averaging")) {
                assertThat(listener.effect(strategy).orElseThrow().gradientShare()).isNotNegative();
            } else if (!strategy.equals("a-gem")) {
                GuardEffect effect = listener.effect(strategy).orElseThrow();
                // Some act on gradients, others on what the optimizer did.
                assertThat(effect.gradientShare() + effect.updateShare()).isPositive();
            }
        }
    }

    /** What training would read of a model: which arrays train, and all values. */
    private static List<String> state(Model model) {
        List<String> state = new ArrayList<>();
        for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
            NDArray array = entry.getValue().getArray();
            state.add(
                    "%s trains %s, has a gradient %s, is %s"
                            .formatted(
                                    entry.getKey(),
                                    entry.getValue().requiresGradient(),
                                    array.hasGradient(),
                                    java.util.Arrays.hashCode(array.toFloatArray())));
        }
        return state;
    }

    private static float[] outputs(Model model) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList inputs = new NDList(manager.ones(new Shape(2, 4)));
            return model.getBlock()
                    .forward(new ParameterStore(manager, false), inputs, false)
                    .head()
                    .toFloatArray();
        }
    }

    private static void fit(Model model, TrainingListener... listeners) throws Exception {
        try (Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .addTrainingListeners(listeners))) {
            trainer.initialize(new Shape(8, 4));
            EasyTrain.fit(trainer, 4, dataset(model.getNDManager()), null);
        }
    }

    private static Block network() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(8).build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private static Dataset dataset(NDManager manager) {
        NDArray data = manager.randomNormal(new Shape(32, 4));
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(data.get(":, 0").gt(0).toType(data.getDataType(), true))
                .setSampling(8, true)
                .build();
    }
}
