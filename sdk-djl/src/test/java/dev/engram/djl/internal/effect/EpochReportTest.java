package dev.engram.djl.internal.effect;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.gradient.Divergence;
import dev.engram.djl.internal.guards.Training;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpochReportTest {

    @Test
    void anEffectNextToNothingIsSaidLoudlyInThreeDigits() {
        assertThat(said(GuardEffect.of(0.1234567, 1.23456789e-9)))
                .contains("NO EFFECT in epoch 1")
                .contains("1.23e-09");
        assertThat(said(GuardEffect.of(0.1234567, 1e-3))).doesNotContain("NO EFFECT");
    }

    @Test
    void aPenaltyThatIsNotFiniteOverFiniteWeightsIsBlamedOnItsStrength() {
        assertThat(said(GuardEffect.of(Double.NaN, 0.5)))
                .contains("penalty of guard \"effects\" is NaN at the end of epoch 1 of task \"t\"")
                .contains("though all weights are finite")
                .contains("likeliest first: a strength (lambda)");
    }

    @Test
    void aPenaltyOnWeightsThatAreNotFiniteNamesThemAndTheFirstBatchAndBlamesTheDataFirst() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            List<LiveParameter> parameters =
                    List.of(
                            new Weight("fine", manager.ones(new Shape(2))),
                            new Weight("wild", manager.create(new float[] {1, Float.NaN})));
            TrainingView view =
                    new Training(Task.named("t"), parameters, Loss.l2Loss(), manager, () -> null);
            assertThat(said(view, GuardEffect.of(Double.NaN, 0.5)))
                    .contains("because weights are not, either: the values of wild are")
                    .contains("not finite; the first gradients that were not finite")
                    .contains("those of batch 17")
                    .contains("likeliest first: a batch whose inputs or labels are not finite");
        }
    }

    @Test
    void whatIsWrongInEveryEpochIsToldOnceAndThenCounted() {
        GuardEffect wild = GuardEffect.of(Double.NaN, 0.5);
        String said = said(wild, wild, wild, wild, wild);
        assertThat(said.split("What it mostly comes from", -1)).hasSize(2);
        assertThat(said)
                .contains("a penalty that is not finite in 2 epochs so far, 2 the last")
                .contains("in 4 epochs so far")
                .doesNotContain("in 3 epochs so far");
        GuardEffect none = GuardEffect.of(0.1, 0);
        assertThat(said(none, none).split("NO EFFECT", -1)).hasSize(2);
    }

    @Test
    void whereTheAnswersOfABaseAreHeldThatIsNamed() {
        TrainingView view =
                new Training(Task.named("t"), List.of(), Loss.l2Loss(), null, () -> null);
        GuardEffect wild = GuardEffect.of(Double.NaN, 0.5);
        assertThat(said("base-outputs", view, wild))
                .contains("though all weights are finite. The model's answers are infinite")
                .contains("Base.PROTECT")
                .contains("optBaseStrength below 1")
                .doesNotContain("lambda");
        assertThat(Divergence.of(List.of("w"), 3, true))
                .endsWith("optBaseStrength below 1.")
                .contains("a learning rate that is too high; what Base.PROTECT adds");
        assertThat(Divergence.of(List.of("w"), 3, false)).endsWith("too high.");
    }

    private static String said(GuardEffect... effects) {
        return said(
                new Training(Task.named("t"), List.of(), Loss.l2Loss(), null, () -> null), effects);
    }

    private static String said(TrainingView view, GuardEffect... effects) {
        return said("effects", view, effects);
    }

    private static String said(String name, TrainingView view, GuardEffect... effects) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            EpochReport report = new EpochReport(() -> 17);
            for (int epoch = 1; epoch <= effects.length; epoch++) {
                report.of(name, effects[epoch - 1], view, epoch);
            }
        } finally {
            System.setErr(standard);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    private record Weight(String name, NDArray value) implements LiveParameter {

        @Override
        public Parameter parameter() {
            throw new AssertionError();
        }

        @Override
        public NDArray gradient() {
            return value.zerosLike();
        }
    }
}
