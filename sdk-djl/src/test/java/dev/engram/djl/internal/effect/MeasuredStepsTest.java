package dev.engram.djl.internal.effect;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.internal.plugin.NamedGuard;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeasuredStepsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void betweenTheStepsThatAreMeasuredNoGradientIsTouched() {
        Counted parameter = new Counted(manager.ones(new Shape(3)));
        try (EffectMeter meter = meter("one", "two")) {
            for (long step = 1; step <= 40; step++) {
                int before = parameter.looks;
                pass(meter, step, parameter, Set.of(), 1, 1);
                if (Long.bitCount(step) > 1) {
                    assertThat(parameter.looks).as("at step %s", step).isEqualTo(before);
                }
            }
        }
        assertThat(parameter.looks).isPositive();
    }

    @Test
    void eachGuardIsMeasuredBySomethingOfItsOwn() {
        Counted parameter = new Counted(manager.ones(new Shape(4)));
        try (EffectMeter meter = meter("one", "two")) {
            pass(meter, 1, parameter, Set.of(), 1, 3);
            // The loop's gradient is as long as what the first adds, a third of what the other
            // adds.
            assertThat(share(meter, "one")).isEqualTo(0.5);
            assertThat(share(meter, "two")).isEqualTo(0.75);
        }
    }

    @Test
    void whatIsInTheLossIsMeasuredWhereItIsNot() {
        Counted parameter = new Counted(manager.ones(new Shape(3)));
        try (EffectMeter meter = meter("one", "two")) {
            pass(meter, 1, parameter, Set.of(), 1, 1);
            assertThat(share(meter, "one")).isPositive();
            // Another epoch, in which its term was always joined.
            pass(meter, 2, parameter, Set.of("one"), 0, 1);
            pass(meter, 3, parameter, Set.of("one"), 0, 1);
            assertThat(meter.epoch("one")).as("not measured, and so not nothing").isNull();
            assertThat(share(meter, "two")).isPositive();
        }
    }

    @Test
    void oneThatActsLateIsMeasuredAtMultiplesOnceTheEpochHasTold() {
        try (MeasuredSteps steps = new MeasuredSteps(manager)) {
            for (long step = 1; step <= 150; step++) {
                if (steps.has(step)) {
                    steps.measured(step, manager.create(step == 128 ? 2f : 0f));
                }
            }
            assertThat(steps.has(192)).as("while the epoch lasts").isTrue();
            steps.endEpoch();
            assertThat(steps.has(192)).isFalse();
            assertThat(steps.has(256)).isTrue();
        }
    }

    @Test
    void onceAnEpochAStepIsMeasured() {
        try (MeasuredSteps steps = new MeasuredSteps(manager)) {
            steps.measured(1, manager.ones(new Shape(1)));
            assertThat(steps.has(5)).isFalse();
            steps.endEpoch();
            assertThat(steps.has(5)).isTrue();
        }
    }

    private EffectMeter meter(String... names) {
        return new EffectMeter(
                manager,
                List.of(names).stream().map(name -> NamedGuard.byHand(new Named(name))).toList());
    }

    private static double share(EffectMeter meter, String guard) {
        Shares shares = meter.epoch(guard);
        assertThat(shares).isNotNull();
        return shares.gradient();
    }

    private static void pass(
            EffectMeter meter, long step, Counted parameter, Set<String> joined, int... added) {
        parameter.gradient.set(new float[(int) parameter.gradient.size()]);
        parameter.gradient.addi(1);
        meter.begin(step, List.of(parameter), joined);
        String[] names = {"one", "two"};
        for (int i = 0; i < added.length; i++) {
            meter.before(names[i]);
            parameter.gradient.addi(added[i]);
            meter.after(names[i]);
        }
        meter.end();
    }

    /** Counts who looks at its gradient. */
    private static final class Counted implements LiveParameter {

        private final NDArray gradient;
        private int looks;

        Counted(NDArray gradient) {
            this.gradient = gradient;
        }

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public Parameter parameter() {
            throw new AssertionError();
        }

        @Override
        public NDArray value() {
            return gradient;
        }

        @Override
        public NDArray gradient() {
            looks++;
            return gradient.stopGradient();
        }
    }

    private record Named(String name) implements ForgettingGuard {

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
