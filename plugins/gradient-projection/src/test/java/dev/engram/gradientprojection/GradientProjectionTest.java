package dev.engram.gradientprojection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.djl.ForgettingListener;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.SmallModels;
import java.io.IOException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GradientProjectionTest {

    private static final int SAMPLES = 64;

    static Stream<Arguments> optimizersAndIntervals() {
        return Stream.of(SmallModels.adam(), SmallModels.sgd(0.05f), momentum())
                .flatMap(one -> Stream.of(1, 8, 7).map(every -> Arguments.of(one, every)));
    }

    private static Optimizer momentum() {
        return Optimizer.sgd()
                .setLearningRateTracker(Tracker.fixed(0.02f))
                .optMomentum(0.9f)
                .build();
    }

    /** Both tasks share inputs, and answer to them in opposite ways. */
    @ParameterizedTest
    @MethodSource("optimizersAndIntervals")
    void whateverTheOptimizerDoesALinearModelAnswersOldInputsAsBefore(
            Optimizer optimizer, int every) {
        GradientProjection guard = GradientProjection.gpm(1).optEvery(every).build();
        try (Model model =
                        SmallModels.model(new SequentialBlock().add(linear(SmallTasks.CLASSES)));
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            float[] before = answers(model, 0);
            float[] other = answers(model, 1);
            SmallTasks.fit(model, 1, 2, optimizer, listener);
            assertThat(distance(answers(model, 0), before)).isLessThan(2e-3);
            assertThat(distance(answers(model, 1), other)).isGreaterThan(0.1);
            assertThat(listener.effect("gpm").orElseThrow().updateShare()).isPositive();
        }
    }

    @Test
    void severalBatchesThatMakeOneStepAreOneUpdate() {
        try (Model model =
                        SmallModels.model(new SequentialBlock().add(linear(SmallTasks.CLASSES)));
                ForgettingListener listener =
                        listener(GradientProjection.gpm(1).optEvery(1).build())) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            float[] before = answers(model, 0);
            try (Trainer trainer = SmallTasks.trainer(model, SmallModels.adam(), listener)) {
                inPairs(trainer, 1);
                assertThat(distance(answers(model, 0), before)).isLessThan(2e-3);
                trainer.notifyListeners(one -> one.onEpoch(trainer));
            }
            assertThat(listener.tasks()).hasSize(2);
            assertThat(distance(answers(model, 0), before)).isLessThan(2e-3);
        }
    }

    static Stream<GradientProjection.Builder> rules() {
        return Stream.of(
                GradientProjection.owm(0.01),
                GradientProjection.gpm(0.97),
                GradientProjection.nscl(0.1));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void inputsThatAreToldFromGradientsProtectToo(GradientProjection.Builder rule) {
        double control = forgetting(SmallTasks.model());
        try (ForgettingListener listener = listener(rule.optInputs(InputsFrom.GRADIENTS).build())) {
            assertThat(forgetting(SmallTasks.model(), listener)).isGreaterThan(control + 0.02);
        }
    }

    /** Its gradients weigh inputs by how much the outputs answer to them: alike, not equal. */
    @Test
    void whatATorchScriptModelIsFedIsToldFromItsGradients() {
        GradientProjection guard = GradientProjection.owm(1).build();
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 1, listener);
            try (Captured saved = Captured.of(guard)) {
                assertThat(saved.tensors.keySet())
                        .contains("covariance/fc1.weight", "covariance/fc2.weight");
                NDArray inputs = SmallTasks.inputs(saved.manager(), 0).head();
                long count = inputs.getShape().get(0);
                NDArray rows = saved.manager().ones(new Shape(count, 1)).concat(inputs, 1);
                assertThat(
                                cosine(
                                        saved.covariance("fc1.weight"),
                                        rows.transpose().matMul(rows).toFloatArray()))
                        .isGreaterThan(0.7);
            }
        }
    }

    private static double cosine(float[] one, float[] other) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * other[i];
            first += one[i] * one[i];
            second += other[i] * other[i];
        }
        return product / Math.sqrt(first * second);
    }

    /** Returns the accuracy in a first task after a second one. */
    private static double forgetting(Model model, TrainingListener... listeners) {
        try (model) {
            SmallTasks.fit(model, 0, 10, listeners);
            SmallTasks.fit(model, 1, 40, listeners);
            return SmallTasks.accuracy(model, 0);
        }
    }

    /** The runtime copies all weights at each step for whoever looks at updates. */
    @Test
    void updatesOfAFirstTaskAreNotLookedAt() {
        GradientProjection guard = GradientProjection.owm(1).build();
        assertThat(guard.looksAtUpdates()).isFalse();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            assertThat(guard.looksAtUpdates()).isTrue();
        }
    }

    @Test
    void whatALayerIsFedAtItsSecondPlaceCountsToo() {
        GradientProjection guard = GradientProjection.owm(1).build();
        Linear shared = linear(SmallTasks.FEATURES);
        Block twice = new SequentialBlock().add(shared).add(shared).add(linear(SmallTasks.CLASSES));
        try (Model model = SmallModels.model(twice);
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 1, SmallModels.sgd(0.05f), listener);
            try (Captured saved = Captured.of(guard)) {
                assertThat(saved.tensors.keySet())
                        .contains("covariance/01Linear_weight", "covariance/03Linear_weight")
                        .doesNotContain("covariance/02Linear_weight");
                float[] both = saved.covariance("01Linear_weight");
                // Features that are always zero at the first place are not at the second.
                int width = SmallTasks.FEATURES + 1;
                assertThat(both[3 * width + 3]).isPositive();
            }
        }
    }

    @Test
    void aBiasThatTrainsAloneIsHeldAsWell() {
        double free = movedBias();
        try (ForgettingListener listener = listener(GradientProjection.owm(0.01).build())) {
            assertThat(movedBias(listener)).isLessThan(0.2 * free);
        }
    }

    /** Returns how far the bias of a layer goes in a second task in which its weight is frozen. */
    private static double movedBias(TrainingListener... listeners) {
        Linear layer = linear(SmallTasks.CLASSES);
        try (Model model = SmallModels.model(new SequentialBlock().add(layer))) {
            SmallTasks.fit(model, 0, 5, SmallModels.sgd(0.1f), listeners);
            layer.getDirectParameters().get("weight").freeze(true);
            float[] before = value(model, "01Linear_bias");
            SmallTasks.fit(model, 1, 5, SmallModels.sgd(0.1f), listeners);
            return distance(value(model, "01Linear_bias"), before);
        }
    }

    @Test
    void theCovarianceOfTheFirstLayerIsThatOfTheInputsOfAllTasksScaled() {
        GradientProjection guard = GradientProjection.owm(1).build();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            double[] expected = new double[81];
            for (int task = 0; task < 2; task++) {
                double[] one = products(task);
                for (int i = 0; i < 81; i++) {
                    expected[i] += one[i];
                }
            }
            try (Captured saved = Captured.of(guard)) {
                float[] kept = saved.covariance("01Linear_weight");
                for (int i = 0; i < 81; i++) {
                    assertThat((double) kept[i]).isCloseTo(expected[i], within(1e-3));
                }
                assertThat(saved.tensors.keySet())
                        .containsExactlyInAnyOrder(
                                "covariance/01Linear_weight", "covariance/03Linear_weight");
            }
        }
    }

    /** Of the inputs with a 1 before them, of a mean diagonal of 1. */
    private static double[] products(int task) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray inputs = SmallTasks.inputs(manager, task).head();
            NDArray rows = manager.ones(new Shape(512, 1)).concat(inputs, 1);
            float[] sums = rows.transpose().matMul(rows).toFloatArray();
            double trace = 0;
            for (int i = 0; i < 9; i++) {
                trace += sums[i * 10];
            }
            double[] scaled = new double[81];
            for (int i = 0; i < 81; i++) {
                scaled[i] = sums[i] * 9 / trace;
            }
            return scaled;
        }
    }

    @Test
    void gradientsTellTheInputsOfALinearModelToo() {
        GradientProjection guard =
                GradientProjection.owm(1).optInputs(InputsFrom.GRADIENTS).build();
        try (Model model =
                        SmallModels.model(new SequentialBlock().add(linear(SmallTasks.CLASSES)));
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            try (Captured saved = Captured.of(guard)) {
                float[] kept = saved.covariance("01Linear_weight");
                double[] expected = products(0);
                double apart = 0;
                double length = 0;
                for (int i = 0; i < 81; i++) {
                    apart += Math.pow(kept[i] - expected[i], 2);
                    length += expected[i] * expected[i];
                }
                assertThat(Math.sqrt(apart / length)).isLessThan(0.25);
            }
        }
    }

    @Test
    void aHeadThatHasGrownKeepsItsOldRowsOnOldInputs() {
        GradientProjection guard = GradientProjection.gpm(1).build();
        try (ForgettingListener listener = listener(guard);
                Model small =
                        SmallModels.model(new SequentialBlock().add(linear(SmallTasks.CLASSES)));
                Model large =
                        SmallModels.model(
                                new SequentialBlock().add(linear(SmallTasks.CLASSES + 2)))) {
            SmallTasks.fit(small, 0, 3, SmallModels.adam(), listener);
            large.getBlock()
                    .initialize(
                            large.getNDManager(),
                            DataType.FLOAT32,
                            new Shape(32, SmallTasks.FEATURES));
            for (int i = 0; i < 2; i++) {
                NDArray old = small.getBlock().getParameters().valueAt(i).getArray();
                large.getBlock()
                        .getParameters()
                        .valueAt(i)
                        .getArray()
                        .set(new NDIndex("0:" + SmallTasks.CLASSES), old);
            }
            float[] before = answers(large, 0);
            listener.continueWith(large);
            SmallTasks.fit(large, 1, 2, SmallModels.adam(), listener);
            assertThat(distance(answers(large, 0), before)).isLessThan(2e-3);
        }
    }

    @Test
    void whatIsNoLayersMatrixIsHeldElementByElement() {
        GradientProjection guard = GradientProjection.owm(1e-6).build();
        Block block =
                new SequentialBlock()
                        .add(linear(16))
                        .add(LayerNorm.builder().axis(1).build())
                        .add(linear(SmallTasks.CLASSES));
        try (Model model = SmallModels.model(block);
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 2, SmallModels.adam(), listener);
            float[] before = value(model, "02LayerNorm_gamma");
            SmallTasks.fit(model, 1, 2, SmallModels.adam(), listener);
            try (Captured saved = Captured.of(guard)) {
                assertThat(saved.tensors.keySet())
                        .contains("elements/02LayerNorm_gamma", "elements/02LayerNorm_beta")
                        .doesNotContain("elements/01Linear_bias");
                assertThat(saved.tensors.get("elements/02LayerNorm_gamma").mean().getFloat())
                        .isCloseTo(2, within(1e-3f));
            }
            assertThat(distance(value(model, "02LayerNorm_gamma"), before)).isLessThan(1e-3);
        }
    }

    @Test
    void aWideLayerIsHeldByAFactorOfFewRows() {
        int width = 1100;
        GradientProjection guard = GradientProjection.owm(1e-4).build();
        try (Model model =
                        SmallModels.model(
                                new SequentialBlock()
                                        .add(linear(width))
                                        .add(linear(SmallTasks.CLASSES)));
                ForgettingListener listener = listener(guard)) {
            SmallTasks.fit(model, 0, 2, SmallModels.sgd(0.01f), listener);
            SmallTasks.fit(model, 2, 1, SmallModels.sgd(0.01f), listener);
            try (Captured saved = Captured.of(guard)) {
                NDArray factor = saved.tensors.get("factor/02Linear_weight");
                assertThat(factor.getShape().get(1)).isEqualTo(width + 1);
                assertThat(factor.getShape().get(0)).isLessThanOrEqualTo(Covariance.RANK);
            }
            float[] before = answers(model, 0);
            SmallTasks.fit(model, 2, 2, SmallModels.sgd(0.001f), listener);
            double moved = distance(answers(model, 0), before);
            assertThat(moved).isLessThan(0.1 * distance(new float[before.length], before));
        }
    }

    @Test
    void aTaskThatIsBrokenOffLeavesNothingUnprojected() {
        try (Model model =
                        SmallModels.model(new SequentialBlock().add(linear(SmallTasks.CLASSES)));
                ForgettingListener listener =
                        listener(GradientProjection.gpm(1).optEvery(1000).build())) {
            SmallTasks.fit(model, 0, 3, SmallModels.adam(), listener);
            float[] before = answers(model, 0);
            try (Trainer trainer = SmallTasks.trainer(model, SmallModels.adam(), listener)) {
                inPairs(trainer, 1);
            }
            assertThat(listener.tasks()).hasSize(1);
            assertThat(distance(answers(model, 0), before)).isLessThan(2e-3);
        }
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        for (Supplier<GradientProjection> wrong :
                Stream.<Supplier<GradientProjection>>of(
                                () -> GradientProjection.owm(0).build(),
                                () -> GradientProjection.gpm(1.1).build(),
                                () -> GradientProjection.nscl(Double.NaN).build(),
                                () -> GradientProjection.owm(1).optEvery(0).build())
                        .toList()) {
            assertThatThrownBy(wrong::get).isInstanceOf(InvalidOptionException.class);
        }
    }

    private static Linear linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    private static ForgettingListener listener(ForgettingGuard guard) {
        return ForgettingListener.builder().addGuard(guard).build();
    }

    /** Takes a step after every second batch. */
    private static void inPairs(Trainer trainer, int task) {
        try (NDManager manager = trainer.getManager().newSubManager()) {
            int count = 0;
            for (Batch batch : SmallTasks.dataset(manager, task).getData(manager)) {
                EasyTrain.trainBatch(trainer, batch);
                if (++count % 2 == 0) {
                    trainer.step();
                }
                batch.close();
            }
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private static float[] value(Model model, String name) {
        return model.getBlock().getParameters().get(name).getArray().toFloatArray();
    }

    private static float[] answers(Model model, int task) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray inputs = SmallTasks.inputs(manager, task).head().get(":" + SAMPLES);
            return model.getBlock()
                    .forward(new ParameterStore(manager, false), new NDList(inputs), false)
                    .head()
                    .toFloatArray();
        }
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.pow(one[i] - other[i], 2);
        }
        return Math.sqrt(sum / one.length);
    }
}
