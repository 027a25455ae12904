package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.metalearning.MetaTrainer.Inner;
import dev.engram.tck.LiveArrays;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is learnt before the loop. */
class MetaTrainerTest {

    private static final MetaTask TWO = manager -> Scalar.batch(2, manager);
    private static final MetaTask MINUS_ONE = manager -> Scalar.batch(-1, manager);

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = MetaMethod.class,
            names = {"REPTILE", "FIRST_ORDER_MAML", "META_SGD"})
    void theInitialisationGoesToTheMiddleOfTheTasks(MetaMethod method) {
        try (Scalar model = new Scalar(4);
                MetaOutcome outcome =
                        scalar(model, method)
                                .optOuterRate(method == MetaMethod.REPTILE ? 0.3 : 0.05)
                                .optRounds(400)
                                .build()
                                .train()) {
            assertThat(model.weight()).isCloseTo(0.5, within(0.2));
            assertThat(outcome.reports()).isNotEmpty();
            assertThat(outcome.stoppedEarly()).isFalse();
        }
    }

    /** One task pulls it away as soon as it is the one that trains: so it had better not move. */
    @Test
    void whereEarlierTasksAreAskedForStepSizesFall() {
        try (Scalar model = new Scalar(2)) {
            double forgetful = size(model, 0);
            double mindful = size(model, 0.9);
            assertThat(forgetful).isGreaterThan(1);
            assertThat(mindful).isLessThan(1);
        }
    }

    private static double size(Scalar model, double remember) {
        try (MetaOutcome outcome =
                scalar(model, MetaMethod.META_SGD)
                        .optOuterRate(0)
                        .optRemember(remember, 2)
                        .optInner(Inner.SGD, 0.2, 2)
                        .optStepRate(0.02)
                        .optRounds(20)
                        .build()
                        .train()) {
            return outcome.stepSizes().byName().get(Scalar.WEIGHT).toFloatArray()[0];
        }
    }

    @Test
    void ofARepresentationTasksLearnTheHeadAlone() {
        try (Model model = Model.newInstance("two layers")) {
            model.setBlock(
                    new SequentialBlock()
                            .add(Linear.builder().setUnits(3).build())
                            .add(Linear.builder().setUnits(1).build()));
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(2, 1));
            List<String> names = model.getBlock().getParameters().keys();
            float[] below = values(model, names.get(0));
            float[] head = values(model, names.get(2));
            MetaTrainer.Builder builder =
                    MetaTrainer.builder()
                            .setModel(model)
                            .setLoss(Loss.l2Loss())
                            .setTasks(List.of(TWO, MINUS_ONE))
                            .optMethod(MetaMethod.OML)
                            .optHead(name -> name.startsWith(names.get(2).substring(0, 2)))
                            .optRounds(1);
            builder.optOuterRate(1e-12).build().train().close();
            assertThat(values(model, names.get(0))).containsExactly(below, within(1e-6f));
            builder.optOuterRate(0.01).build().train().close();
            assertThat(values(model, names.get(0))).isNotEqualTo(below);
            assertThat(values(model, names.get(2))).isNotEqualTo(head);
        }
    }

    private static float[] values(Model model, String name) {
        return model.getBlock().getParameters().get(name).getArray().toFloatArray();
    }

    @Test
    void itEndsWhereNothingBecomesBetterAndGivesBackTheBest() {
        List<MetaProgress> told = new ArrayList<>();
        try (Scalar model = new Scalar(0.5);
                MetaOutcome outcome =
                        scalar(model, MetaMethod.REPTILE)
                                .optOuterRate(0.9)
                                .optValidation(List.of(TWO, MINUS_ONE))
                                .optProgress(1, told::add)
                                .optPatience(3)
                                .optRounds(1000)
                                .build()
                                .train()) {
            assertThat(outcome.stoppedEarly()).isTrue();
            assertThat(told).hasSizeLessThan(50).isEqualTo(outcome.reports());
            assertThat(told.stream().filter(MetaProgress::isBest)).isNotEmpty();
            assertThat(told.get(told.size() - 1).toString()).contains("rounds, loss");
        }
    }

    @Test
    void stepSizesOutliveTheProcessInAFile() throws Exception {
        Path file = folder.resolve("deep").resolve("sizes.safetensors");
        try (Scalar model = new Scalar(0);
                MetaOutcome outcome =
                        scalar(model, MetaMethod.META_SGD).optRounds(5).build().train()) {
            outcome.stepSizes().save(file);
            float[] written = outcome.stepSizes().byName().get(Scalar.WEIGHT).toFloatArray();
            try (StepSizes read = StepSizes.load(file)) {
                assertThat(read.byName()).containsOnlyKeys(Scalar.WEIGHT);
                assertThat(read.byName().get(Scalar.WEIGHT).toFloatArray())
                        .containsExactly(written);
            }
        }
        Files.writeString(file, "no tensors");
        assertThatThrownBy(() -> StepSizes.load(file))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("sizes.safetensors");
        assertThatThrownBy(() -> StepSizes.load(folder.resolve("none")))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void whatIsNotFiniteEndsItAndTheModelIsAsItWas() {
        try (Scalar model = new Scalar(0.25)) {
            MetaTrainer trainer =
                    scalar(model, MetaMethod.REPTILE)
                            .optInner(Inner.SGD, 1e30, 5)
                            .optProgress(1, told -> {})
                            .build();
            assertThatThrownBy(trainer::train)
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("lower optInner");
            assertThat(model.weight()).isEqualTo(0.25);
        }
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThatThrownBy(() -> MetaTrainer.builder().build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("setModel");
        try (Scalar model = new Scalar(0);
                Model empty = Model.newInstance("empty")) {
            assertThatThrownBy(
                            () ->
                                    scalar(model, MetaMethod.REPTILE)
                                            .setTasks(List.of())
                                            .build()
                                            .train())
                    .hasMessageContaining("no tasks");
            assertThatThrownBy(() -> scalar(model, MetaMethod.REPTILE).optRemember(1, 2).build())
                    .hasMessageContaining("optRemember(1.0)");
            empty.setBlock(Linear.builder().setUnits(1).build());
            assertThatThrownBy(
                            () -> scalar(model, MetaMethod.REPTILE).setModel(empty).build().train())
                    .hasMessageContaining("has no values");
        }
    }

    @Test
    void nothingIsLeftBehind() {
        try (Scalar model = new Scalar(0)) {
            scalar(model, MetaMethod.META_SGD).optRounds(2).build().train().close();
            int before = LiveArrays.count();
            scalar(model, MetaMethod.META_SGD)
                    .optRemember(0.5, 5)
                    .optInner(Inner.ADAM, 0.01, 3)
                    .optRounds(10)
                    .build()
                    .train()
                    .close();
            assertThat(LiveArrays.count()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void batchesOfADataSetComeAgainAndAgain() {
        try (NDManager owner = RequiredEngine.get().newBaseManager()) {
            NDArray data = owner.arange(6f).reshape(6, 1);
            MetaTask task =
                    MetaTask.of(
                            new ArrayDataset.Builder()
                                    .setData(data)
                                    .optLabels(data)
                                    .setSampling(3, false)
                                    .build(),
                            owner);
            List<Float> first = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                try (NDManager call = owner.newSubManager();
                        Batch batch = task.batch(call)) {
                    NDList seen = batch.getData();
                    first.add(seen.head().toFloatArray()[0]);
                }
            }
            assertThat(first).containsExactly(0f, 3f, 0f);
        }
    }

    private static MetaTrainer.Builder scalar(Scalar model, MetaMethod method) {
        return MetaTrainer.builder()
                .setModel(model.model)
                .setLoss(Loss.l2Loss())
                .setTasks(List.of(TWO, MINUS_ONE))
                .optInner(Inner.SGD, 0.1, 1)
                .optMethod(method);
    }
}
