package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
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
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A base is held by its answers to inputs that it was asked for itself. Its task: four patterns of
 * 36 numbers, under noise; the next task: the same numbers in another order, under other names.
 */
class BaseOutputsTest {

    private static final int FEATURES = 36;
    private static final int CLASSES = 4;
    private static final int SAMPLES = 256;

    @TempDir private Path memory;
    private Model base;
    private NDManager data;
    private NDArray old;
    private float[] before;

    @BeforeEach
    void pretrain() {
        Engine.getInstance().setRandomSeed(1);
        base = model(new SequentialBlock());
        data = base.getNDManager().newSubManager();
        old = inputs(0);
        fit(0);
        before = answers();
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void itForgetsLessThanTheUnguardedControlBesideAnyStrategy() {
        Map<String, NDArray> values = values();
        fit(1);
        double control = changed();
        double unguarded = right(1);
        setBack(values);
        try (ForgettingListener listener = listener(Base.PROTECT)) {
            fit(1, listener);
            assertThat(listener.effect("base-outputs"))
                    .hasValueSatisfying(
                            effect -> assertThat(effect.gradientShare()).isBetween(0.01, 0.99));
        }
        assertThat(changed()).isLessThan(control / 2);
        assertThat(right(1)).isGreaterThan(unguarded - 0.02);
    }

    @Test
    void itHoldsAsFirmlyAsItIsTold() {
        Map<String, NDArray> values = values();
        double last = Double.POSITIVE_INFINITY;
        for (double strength : new double[] {0.05, 1, 4}) {
            setBack(values);
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addGuard(new Recorder())
                            .optBase(Base.PROTECT)
                            .optBaseStrength(strength)
                            .build()) {
                fit(1, listener);
                double share = listener.effect("base-outputs").orElseThrow().gradientShare();
                assertThat(share).isPositive().isLessThan(strength / (1 + strength) + 1e-3);
            }
            assertThat(changed()).isLessThan(0.9 * last);
            last = changed();
        }
    }

    @Test
    void aTrainingThatDivergesIsToldOfThePartThatProtectionMayHave() {
        DefaultTrainingConfig wild =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.sgd()
                                        .setLearningRateTracker(Tracker.fixed(1e30f))
                                        .build())
                        .addTrainingListeners(listener(Base.PROTECT));
        Trainer trainer = base.newTrainer(wild);
        steps(trainer, 4, 1);
        trainer.notifyListeners(heard -> heard.onEpoch(trainer));
        assertThatThrownBy(trainer::close)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("its training diverged")
                .hasMessageContaining("optBaseStrength below 1");
    }

    @Test
    void theNextProcessHoldsItWithoutBeingAsked() {
        Map<String, NDArray> values = values();
        fit(1);
        fit(2);
        double control = changed();
        setBack(values);
        try (ForgettingListener listener = listener(Base.PROTECT)) {
            fit(1, listener);
        }
        try (ForgettingListener next = listener(Base.WARN)) {
            fit(2, next);
            assertThat(next.tasks()).hasSize(3);
        }
        assertThat(changed()).isLessThan(control / 2);
    }

    @Test
    void whatItIsAskedForIsNobodysWhereSubjectsAreKnown() throws Exception {
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addGuard(new Recorder())
                        .optBase(Base.PROTECT)
                        .optMemory(memory)
                        .optSubjects(
                                batch ->
                                        Stream.generate(() -> "Ada")
                                                .limit(batch.getSize())
                                                .toList())
                        .build()) {
            fit(1, listener);
            assertThat(listener.erase("Ada")).isZero();
        }
        try (Stream<Path> files = Files.walk(memory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("base-outputs.dream-input.safetensors");
        }
    }

    @Test
    void guardedStepsLeaveNoArrayBehind() {
        try (ForgettingListener listener = listener(Base.PROTECT);
                Trainer trainer = trainer(listener)) {
            steps(trainer, 300, 1);
            int arrays = liveArrays();
            steps(trainer, 1000, 1);
            // What was measured at one step stays until the next is.
            assertThat(liveArrays()).isLessThan(arrays + 10);
        }
    }

    @Test
    void severalBatchesMakeOneStep() {
        try (ForgettingListener listener = listener(Base.PROTECT);
                Trainer trainer = trainer(listener)) {
            steps(trainer, 8, 2);
            trainer.notifyListeners(heard -> heard.onEpoch(trainer));
            assertThat(listener.effect("base-outputs").orElseThrow().gradientShare())
                    .isBetween(0.01, 0.99);
        }
    }

    @Test
    void aHeadThatIsReplacedLaterIsNotHeldToTheBasesAnswers() {
        try (ForgettingListener listener = listener(Base.PROTECT)) {
            fit(1, listener);
            SequentialBlock block = (SequentialBlock) base.getBlock();
            block.removeLastBlock();
            block.add(Linear.builder().setUnits(CLASSES + 2).build());
            String said =
                    Points.said(
                            () -> {
                                try (Trainer trainer = trainer(listener)) {
                                    trainer.initialize(new Shape(1, FEATURES));
                                    steps(trainer, 4, 1);
                                }
                            });
            assertThat(said).contains("the base's answers are held no longer");
        }
    }

    @Test
    void whatIsKnownOfTheBaseOutlivesATaskThatBeganWithAnotherHead() throws Exception {
        Map<String, NDArray> values = values();
        try (ForgettingListener listener = listener(Base.PROTECT)) {
            fit(1, listener);
            NDArray head = base.getBlock().getParameters().get("03Linear_weight").getArray();
            try (NDArray value = head.stopGradient()) {
                value.muli(-1);
            }
            fit(2, listener);
            assertThat(listener.effect("base-outputs")).isEmpty();
            setBack(values);
            fit(3, listener);
            assertThat(listener.effect("base-outputs")).isPresent();
        }
    }

    @Test
    void aBaseThatWasRememberedByDataIsNotToldThatProtectionComesTooLate() {
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addGuard(new Recorder())
                        .optBase(Base.PROTECT)
                        .build()) {
            listener.remember(base, dataset(inputs(0), 0));
            assertThat(Points.said(() -> fit(1, listener))).doesNotContain("comes too late");
        }
    }

    @Test
    void aModelThatTellsNoClassesIsRefusedWhereNothingElseHoldsIt() {
        DefaultTrainingConfig squares =
                new DefaultTrainingConfig(Loss.l2Loss())
                        .addTrainingListeners(listener(Base.PROTECT));
        try (Trainer trainer = base.newTrainer(squares);
                Batch batch =
                        new Batch(
                                data.newSubManager(),
                                new NDList(inputs(1)),
                                new NDList(data.zeros(new Shape(SAMPLES, CLASSES))),
                                SAMPLES,
                                null,
                                null,
                                0,
                                0)) {
            assertThatThrownBy(() -> EasyTrain.trainBatch(trainer, batch))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("are no classes")
                    .hasMessageContaining("ewc-online");
        }
    }

    @Test
    void aMemoryThatBeganWithoutProtectionIsToldThatItComesTooLate() {
        try (ForgettingListener without = listener(Base.IGNORE)) {
            fit(1, without);
        }
        try (ForgettingListener late = listener(Base.PROTECT)) {
            assertThat(Points.said(() -> fit(2, late))).contains("comes too late");
        }
    }

    @Test
    void aFirstBatchThatIsNotFiniteIsNamedBeforeTheFirstStep() {
        Map<String, NDArray> values = values();
        try (ForgettingListener listener = listener(Base.PROTECT);
                Trainer trainer = trainer(listener)) {
            NDArray broken = inputs(1).mul(Float.NaN);
            assertThatThrownBy(() -> EasyTrain.fit(trainer, 1, dataset(broken, 1), null))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("first batch holds inputs that are not finite");
        }
        values.forEach(
                (name, value) ->
                        assertThat(base.getBlock().getParameters().get(name).getArray())
                                .isEqualTo(value));
    }

    @Test
    void inputsThatAreNoFloatingPointNumbersAreRefusedWhereNothingElseHoldsIt() {
        try (Model tokens =
                        model(
                                new SequentialBlock()
                                        .add(
                                                LambdaBlock.singleton(
                                                        ids ->
                                                                ids.toType(
                                                                        DataType.FLOAT32, true))));
                ForgettingListener listener = listener(Base.PROTECT)) {
            Model kept = base;
            base = tokens;
            try (Trainer trainer = trainer(listener)) {
                NDArray ids = inputs(1).mul(10).toType(DataType.INT32, true);
                assertThatThrownBy(() -> EasyTrain.fit(trainer, 1, dataset(ids, 1), null))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining(
                                "its inputs are int32 and no floating-point numbers, and [")
                        .hasMessageContaining("recorder")
                        .hasMessageContaining("ewc-online");
            } finally {
                base = kept;
            }
        }
    }

    private static int liveArrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }

    private ForgettingListener listener(Base asked) {
        return ForgettingListener.builder()
                .addGuard(new Recorder())
                .optBase(asked)
                .optMemory(memory)
                .build();
    }

    private static Model model(SequentialBlock begin) {
        Model model = Model.newInstance("patterns", Device.cpu());
        model.setBlock(
                begin.add(Linear.builder().setUnits(48).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(CLASSES).build()));
        try (Trainer trainer = model.newTrainer(config())) {
            trainer.initialize(new Shape(1, FEATURES));
        }
        return model;
    }

    private static DefaultTrainingConfig config(TrainingListener... listeners) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(Optimizer.adam().optLearningRateTracker(rate()).build())
                .addTrainingListeners(listeners);
    }

    private static Tracker rate() {
        return Tracker.fixed(3e-3f);
    }

    private Trainer trainer(TrainingListener... listeners) {
        return base.newTrainer(config(listeners));
    }

    private void fit(int task, TrainingListener... listeners) {
        Engine.getInstance().setRandomSeed(5);
        try (Trainer trainer = trainer(listeners)) {
            EasyTrain.fit(trainer, 20, dataset(inputs(task), task), null);
        } catch (java.io.IOException | ai.djl.translate.TranslateException e) {
            throw new AssertionError(e);
        }
    }

    private void steps(Trainer trainer, int count, int batches) {
        try (NDManager call = data.newSubManager()) {
            NDArray inputs = inputs(1);
            inputs.attach(call);
            NDArray labels = call.create(labels(1));
            for (int step = 0; step < count; step++) {
                NDManager owner = call.newSubManager();
                NDArray rows = inputs.get("0:16");
                rows.attach(owner);
                NDArray wanted = labels.get("0:16");
                wanted.attach(owner);
                try (Batch batch =
                        new Batch(
                                owner,
                                new NDList(rows),
                                new NDList(wanted),
                                16,
                                null,
                                null,
                                0,
                                0)) {
                    EasyTrain.trainBatch(trainer, batch);
                    if (step % batches == batches - 1) {
                        trainer.step();
                    }
                }
            }
        }
    }

    private static ArrayDataset dataset(NDArray inputs, int task) {
        return new ArrayDataset.Builder()
                .setData(inputs)
                .optLabels(inputs.getManager().create(labels(task)))
                .setSampling(32, false)
                .build();
    }

    private static float[] labels(int task) {
        float[] labels = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = (i + task) % CLASSES;
        }
        return labels;
    }

    /**
     * Returns the patterns under noise; those of later tasks with their numbers in another order.
     */
    private NDArray inputs(int task) {
        Random patterns = new Random(7);
        boolean[][] set = new boolean[CLASSES][FEATURES];
        for (boolean[] pattern : set) {
            for (int i = 0; i < FEATURES; i++) {
                pattern[i] = patterns.nextInt(3) == 0;
            }
        }
        Random noise = new Random(8);
        float[] rows = new float[SAMPLES * FEATURES];
        for (int i = 0; i < rows.length; i++) {
            int place = (i % FEATURES * (1 + 4 * task) + 11 * task) % FEATURES;
            boolean isSet = set[i / FEATURES % CLASSES][place];
            rows[i] = (float) ((isSet ? 1 : 0) + 0.25 * noise.nextGaussian());
        }
        return data.create(rows, new Shape(SAMPLES, FEATURES)).add(0);
    }

    private float[] answers() {
        try (NDManager call = data.newSubManager()) {
            NDArray copy = old.duplicate();
            copy.attach(call);
            ParameterStore store = new ParameterStore(call, false);
            return base.getBlock().forward(store, new NDList(copy), false).head().toFloatArray();
        }
    }

    private double right(int task) {
        try (NDManager call = data.newSubManager()) {
            NDArray copy = inputs(task);
            copy.attach(call);
            ParameterStore store = new ParameterStore(call, false);
            NDArray answers = base.getBlock().forward(store, new NDList(copy), false).head();
            NDArray labels = call.create(labels(task)).toType(DataType.INT64, true);
            return answers.argMax(1).eq(labels).toType(DataType.FLOAT32, true).mean().getFloat();
        }
    }

    private double changed() {
        float[] now = answers();
        double sum = 0;
        for (int i = 0; i < now.length; i++) {
            sum += Math.pow(now[i] - before[i], 2);
        }
        return Math.sqrt(sum / now.length);
    }

    private Map<String, NDArray> values() {
        Map<String, NDArray> values = new HashMap<>();
        for (Pair<String, Parameter> entry : base.getBlock().getParameters()) {
            try (NDArray value = entry.getValue().getArray().stopGradient()) {
                NDArray copy = value.duplicate();
                copy.attach(data);
                values.put(entry.getKey(), copy);
            }
        }
        return values;
    }

    private void setBack(Map<String, NDArray> values) {
        for (Pair<String, Parameter> entry : base.getBlock().getParameters()) {
            try (NDArray value = entry.getValue().getArray().stopGradient()) {
                value.subi(value);
                value.addi(values.get(entry.getKey()));
            }
        }
    }
}
