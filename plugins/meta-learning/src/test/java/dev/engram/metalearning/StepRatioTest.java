package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.optimizer.Optimizer;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.SmallModels;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step size is by what a weight moves, whatever the optimizer; a factor of gradients is not. */
class StepRatioTest {

    private static final double RATIO = 0.25;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStepSizeIsTheRatioOfStepsUnderAdamAndSgd(boolean adam) {
        double whole = way(MetaSgd.builder().optOtherwise(1).build(), optimizer(adam));
        double scaled = way(MetaSgd.builder().optOtherwise(RATIO).build(), optimizer(adam));
        assertThat(scaled / whole).isCloseTo(RATIO, within(1e-4));
    }

    @Test
    void aFactorOfGradientsIsUndoneByAdam() {
        double whole = way(new ScalesGradients(1), optimizer(true));
        double scaled = way(new ScalesGradients(RATIO), optimizer(true));
        assertThat(scaled / whole).as("Adam").isCloseTo(1, within(1e-3));
        whole = way(new ScalesGradients(1), optimizer(false));
        scaled = way(new ScalesGradients(RATIO), optimizer(false));
        assertThat(scaled / whole).as("gradient descent").isCloseTo(RATIO, within(1e-4));
    }

    private static Supplier<Optimizer> optimizer(boolean adam) {
        return adam ? SmallModels::adam : () -> SmallModels.sgd(0.1f);
    }

    /** Returns how far the first step of a second task goes. */
    private static double way(ForgettingGuard guard, Supplier<Optimizer> optimizer) {
        try (Scalar model = new Scalar(0);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
            model.learn(listener, optimizer.get(), 1, 1);
            model.set(0.5);
            model.learn(listener, optimizer.get(), -1, 1);
            return model.weight() - 0.5;
        }
    }

    /** What would seem to do. */
    private record ScalesGradients(double factor) implements ForgettingGuard {

        @Override
        public String name() {
            return "scales-gradients";
        }

        @Override
        public void onBackward(StepView step) {
            for (LiveParameter parameter : step.parameters()) {
                try (var gradient = parameter.gradient()) {
                    gradient.muli(factor);
                }
            }
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
