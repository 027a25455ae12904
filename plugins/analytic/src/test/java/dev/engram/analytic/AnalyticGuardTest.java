package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnalyticGuardTest {

    private static final float SAME = 1e-4f;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"ridge-head", "slda", "ncm"})
    void allTasksStayOnOneHeadWhereTheUnguardedControlForgetsThem(String strategy) {
        try (Model model = Blobs.model(Blobs.mlp())) {
            fitAll(model);
            assertThat(Blobs.accuracy(model, 0)).isLessThan(0.1);
        }
        try (Model model = Blobs.model(Blobs.mlp());
                ForgettingListener listener = listener(strategy)) {
            Blobs.trainer(model).close();
            float[] base = Blobs.base(model);
            Block block = model.getBlock();
            fitAll(model, listener);
            for (int task = 0; task < 3; task++) {
                assertThat(Blobs.accuracy(model, task)).isGreaterThan(0.9);
            }
            assertThat(Blobs.base(model)).isEqualTo(base);
            assertThat(model.getBlock()).isSameAs(block);
            assertThat(block.getParameters().values())
                    .allMatch(parameter -> parameter.requiresGradient());
        }
    }

    @Test
    void theOrderOfTasksAndLaterEpochsChangeNothing() {
        float[] outputs;
        try (Model model = Blobs.model(Blobs.random(200));
                ForgettingListener listener = listener("ridge-head")) {
            fitAll(model, listener);
            outputs = Blobs.outputs(model);
        }
        try (Model model = Blobs.model(Blobs.random(200));
                ForgettingListener listener = listener("ridge-head")) {
            Blobs.fit(model, 2, 1, listener);
            Blobs.fit(model, 0, 3, listener);
            Blobs.fit(model, 1, 1, listener);
            assertThat(Blobs.outputs(model)).containsExactly(outputs, within(SAME));
        }
    }

    @Test
    void theSavedModelNeedsNoEngram() throws Exception {
        float[] outputs;
        try (Model model = Blobs.model(Blobs.random(50));
                ForgettingListener listener = listener("ridge-head")) {
            fitAll(model, listener);
            outputs = Blobs.outputs(model);
            model.save(folder, "blobs");
        }
        try (Model model =
                Blobs.model(
                        new SequentialBlock()
                                .add(
                                        new SequentialBlock()
                                                .add(
                                                        Linear.builder()
                                                                .setUnits(50)
                                                                .optBias(false)
                                                                .build())
                                                .add(Activation.reluBlock()))
                                .add(Linear.builder().setUnits(Blobs.OUTPUTS).build()))) {
            model.load(folder, "blobs");
            assertThat(Blobs.outputs(model)).isEqualTo(outputs);
        }
    }

    @Test
    void anotherProcessGoesOnFromTheMemory() throws Exception {
        Path memory = folder.resolve("memory");
        float[] atOnce;
        try (Model model = Blobs.model(Blobs.random(200));
                ForgettingListener listener = listener("ridge-head")) {
            fitAll(model, listener);
            atOnce = Blobs.outputs(model);
        }
        try (Model model = Blobs.model(Blobs.random(200));
                ForgettingListener listener = remembering(memory)) {
            Blobs.fit(model, 0, 1, listener);
            Blobs.fit(model, 1, 1, listener);
            model.save(folder, "blobs");
        }
        try (Model model = Blobs.model(Blobs.random(200));
                ForgettingListener listener = remembering(memory)) {
            model.load(folder, "blobs");
            Blobs.fit(model, 2, 1, listener);
            assertThat(Blobs.outputs(model)).containsExactly(atOnce, within(SAME));
        }
    }

    @Test
    void samplesThatAreUnlearntWereNeverSeen() throws Exception {
        float[] never;
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener = listener("ridge-head")) {
            Blobs.fit(model, 0, 1, listener);
            fit(model, part(manager, "100:"), listener);
            never = Blobs.outputs(model);
        }
        AnalyticGuard guard = AnalyticGuard.of(AnalyticHead.ridge());
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(guard)
                                .optMemory(folder.resolve("memory"))
                                .build()) {
            Blobs.fit(model, 0, 1, listener);
            Blobs.fit(model, 1, 1, listener);
            assertThat(guard.unlearn(model, part(manager, ":100"))).isEqualTo(100);
            assertThat(Blobs.outputs(model)).containsExactly(never, within(SAME));
        }
    }

    @Test
    void runningStatisticsAndDropoutDoNotTouchABaseThatIsFrozen() {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(BatchNorm.builder().build())
                        .add(Dropout.builder().optRate(0.5f).build())
                        .add(Linear.builder().setUnits(Blobs.OUTPUTS).build());
        try (Model model = Blobs.model(block);
                ForgettingListener listener = listener("ridge-head")) {
            fitAll(model, listener);
            for (var parameter : block.getParameters()) {
                if (parameter.getKey().endsWith("runningMean")) {
                    assertThat(parameter.getValue().getArray().toFloatArray()).containsOnly(0);
                }
            }
            assertThat(Blobs.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @Test
    void aBaseThatIsRememberedKeepsItsClasses() throws Exception {
        try (Model model = Blobs.model(Blobs.mlp());
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener = listener("ridge-head")) {
            Blobs.fit(model, 0, 5);
            listener.remember(model, Blobs.dataset(manager, 0));
            Blobs.fit(model, 1, 1, listener);
            assertThat(Blobs.accuracy(model, 0)).isGreaterThan(0.9);
            assertThat(Blobs.accuracy(model, 1)).isGreaterThan(0.9);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ridge-head", "slda", "ncm"})
    void aBaseIsNotProtectedWithoutDataUnderAHeadThatIsSolvedAnew(String strategy) {
        try (Model model = Blobs.model(Blobs.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy(strategy)
                                .optBase(Base.PROTECT)
                                .build()) {
            Blobs.fit(model, 0, 1);
            float[] before = Blobs.outputs(model);
            assertThatThrownBy(() -> Blobs.fit(model, 1, 1, listener))
                    .hasMessageContaining("optBase(Base.PROTECT): [" + strategy + "] solve")
                    .hasMessageContaining("call remember(model, dataset)");
            assertThat(Blobs.outputs(model)).isEqualTo(before);
        }
    }

    @Test
    void aBaseThatGoesOnTrainingIsRefused() {
        try (Model model = Blobs.model(Blobs.mlp());
                ForgettingListener listener = listener("ridge-head")) {
            Blobs.fit(model, 0, 1, listener);
            Blobs.fit(model, 1, 1);
            assertThatThrownBy(() -> Blobs.fit(model, 2, 1, listener))
                    .hasMessageContaining("the base has changed since it was summed over");
        }
        try (Model model = Blobs.model(Blobs.mlp());
                ForgettingListener listener = listener("ridge-head");
                Trainer trainer = Blobs.trainer(model, listener)) {
            ArrayDataset data = Blobs.dataset(trainer.getManager(), 0);
            assertThatThrownBy(
                            () -> {
                                for (Batch batch : trainer.iterateDataset(data)) {
                                    EasyTrain.trainBatch(trainer, batch);
                                    trainer.step();
                                    batch.close();
                                    model.getBlock().freezeParameters(false);
                                }
                            })
                    .hasMessageContaining("01Linear_weight")
                    .hasMessageContaining("were thawed");
        }
    }

    @Test
    void aTaskThatIsBrokenOffLeavesTheHeadOfBefore() throws Exception {
        try (Model model = Blobs.model(Blobs.mlp());
                ForgettingListener listener = listener("ridge-head")) {
            Blobs.fit(model, 0, 1, listener);
            float[] before = Blobs.outputs(model);
            try (Trainer trainer = Blobs.trainer(model, listener)) {
                for (Batch batch : trainer.iterateDataset(Blobs.dataset(trainer.getManager(), 1))) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                    batch.close();
                }
            }
            assertThat(Blobs.outputs(model)).isEqualTo(before);
        }
    }

    @Test
    void aModelOrALabelThatDoesNotSuitIsRefusedBeforeAnythingChanges() {
        Block open =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(3).build())
                        .add(LayerNorm.builder().build());
        try (Model model = Blobs.model(open);
                ForgettingListener listener = listener("slda")) {
            assertThatThrownBy(() -> Blobs.trainer(model, listener))
                    .hasMessageContaining("last block with parameters is a")
                    .hasMessageContaining("SequentialBlock");
        }
        Block bare =
                new SequentialBlock().add(Linear.builder().setUnits(10).optBias(false).build());
        try (Model model = Blobs.model(bare);
                ForgettingListener listener = listener("slda")) {
            assertThatThrownBy(() -> Blobs.trainer(model, listener))
                    .hasMessageContaining("slda needs a bias");
        }
        Block narrow = new SequentialBlock().add(Linear.builder().setUnits(4).build());
        try (Model model = Blobs.model(narrow);
                ForgettingListener listener = listener("ncm")) {
            Blobs.trainer(model).close();
            assertThatThrownBy(
                            () -> listener.remember(model, Blobs.dataset(model.getNDManager(), 2)))
                    .hasMessageContaining("A label is class")
                    .hasMessageContaining("4 outputs");
        }
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addStrategy("ncm")
                                        .addStrategy("slda")
                                        .build())
                .hasMessageContaining("solved-head");
    }

    private static void fitAll(Model model, ForgettingListener... listener) {
        for (int task = 0; task < 3; task++) {
            Blobs.fit(model, task, 1, listener);
        }
    }

    private static void fit(Model model, ArrayDataset data, ForgettingListener listener)
            throws Exception {
        try (Trainer trainer = Blobs.trainer(model, listener)) {
            EasyTrain.fit(trainer, 1, data, null);
        }
    }

    private static ArrayDataset part(NDManager manager, String range) {
        NDArray points = Blobs.features(manager, 1).get(new NDIndex(range));
        return new ArrayDataset.Builder()
                .setData(points.duplicate())
                .optLabels(Blobs.labels(manager, 1).get(new NDIndex(range)).duplicate())
                .setSampling(32, false)
                .build();
    }

    private static ForgettingListener listener(String strategy) {
        return ForgettingListener.builder().addStrategy(strategy, Map.of()).build();
    }

    private static ForgettingListener remembering(Path memory) {
        return ForgettingListener.builder().addStrategy("ridge-head").optMemory(memory).build();
    }
}
