package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.training.Trainer;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What a guard does is measured, and not believed. */
class MeasuredEffectTest {

    @Test
    void aGuardThatStatesAShareAndDoesNothingHasNoEffect() {
        Editing guard = new Editing(step -> 1, 1);
        String[] said = {""};
        GuardEffect effect = effect(guard, said);
        assertThat(effect.gradientShare()).isZero();
        assertThat(effect.penalty()).isEqualTo(7);
        assertThat(said[0]).contains("Guard \"editing\" had NO EFFECT in epoch 1");
    }

    @Test
    void aGuardThatDoublesTheGradientHasHalfOfIt() {
        GuardEffect effect = effect(new Editing(step -> 2, 1), new String[1]);
        assertThat(effect.gradientShare()).isCloseTo(0.5, within(1e-5));
        assertThat(effect.heldShare()).isEqualTo(1);
        assertThat(effect.updateShare()).isZero();
    }

    @Test
    void oneThatActsAtEveryThirdStepIsMeasuredAtOneOfThem() {
        String[] said = {""};
        GuardEffect effect = effect(new Editing(step -> step % 3 == 0 ? 2 : 1, 1), said);
        assertThat(effect.gradientShare()).isPositive();
        assertThat(said[0]).doesNotContain("NO EFFECT");
    }

    @Test
    void aGuardThatTakesBackHalfOfEachUpdateHasAThirdOfIt() {
        String[] said = {""};
        GuardEffect effect = effect(new Editing(step -> 1, 0.5f), said);
        assertThat(effect.gradientShare()).isZero();
        assertThat(effect.updateShare()).isCloseTo(1.0 / 3, within(1e-4));
        assertThat(said[0]).doesNotContain("NO EFFECT");
    }

    @Test
    void oneThatChangesUpdatesAloneIsMeasuredInEveryEpochHoweverShort() {
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(new Editing(step -> 1, 0.5f))
                                .build();
                Trainer trainer = Points.trainer(model, listener)) {
            // The third is of steps 9 to 12.
            assertThat(Points.said(() -> Points.fit(trainer, 0, 3))).doesNotContain("NO EFFECT");
            assertThat(listener.effect("editing").orElseThrow().updateShare())
                    .isCloseTo(1.0 / 3, within(1e-4));
        }
    }

    @Test
    void oneThatSolvesTheLastLayerWhenATaskEndsIsNotMeasuredWhileItTrains() {
        Editing guard =
                new Editing(step -> 1, 1) {
                    @Override
                    public Set<String> roles() {
                        return Set.of(Role.SOLVED_HEAD);
                    }
                };
        String[] said = {""};
        GuardEffect effect = effect(guard, said);
        assertThat(said[0]).doesNotContain("NO EFFECT");
        assertThat(effect.gradientShare()).as("as it states").isEqualTo(0.5);
    }

    private static GuardEffect effect(Editing guard, String[] said) {
        try (Model model = Points.model(1);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            said[0] = Points.said(() -> Points.fit(model, 0, listener));
            return listener.effect("editing").orElseThrow();
        }
    }

    /** Multiplies gradients by a factor, and updates by another, and states nonsense. */
    private static class Editing implements ForgettingGuard {

        private final LongToDoubleFunction factor;
        private final float update;

        Editing(LongToDoubleFunction factor, float update) {
            this.factor = factor;
            this.update = update;
        }

        @Override
        public String name() {
            return "editing";
        }

        @Override
        public void onBackward(StepView step) {
            double by = factor.applyAsDouble(step.step());
            for (LiveParameter parameter : step.parameters()) {
                try (NDArray gradient = parameter.gradient()) {
                    gradient.muli(by);
                }
            }
        }

        @Override
        public boolean looksAtUpdates() {
            return update != 1;
        }

        @Override
        public void onUpdate(UpdateView step) {
            for (LiveParameter parameter : step.parameters()) {
                NDArray before = step.before().get(parameter.name());
                try (NDArray back = before.sub(parameter.value())) {
                    back.muli(1 - update);
                    parameter.value().addi(back);
                }
            }
        }

        @Override
        public Optional<GuardEffect> effect() {
            return Optional.of(GuardEffect.of(7, 0.5));
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
