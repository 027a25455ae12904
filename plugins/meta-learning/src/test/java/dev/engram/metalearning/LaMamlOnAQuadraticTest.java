package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.tck.support.SmallModels;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** La-MAML where every number can be worked out by hand: the loss is {@code (w - y)² / 2}. */
class LaMamlOnAQuadraticTest {

    private static final float RATE = 0.3f;
    private static final double STEP_RATE = 0.7;
    private static final double INNER_RATE = 0.2;
    private static final double EARLIER = 2;
    private static final double LATER = 0;

    private static final Offset<Double> CLOSE = within(1e-5);

    @Test
    void behindTheOptimizersStepTheStepSizeGoesDownItsDerivative() {
        LaMaml guard = builder().build();
        double[] found = train(guard, 3);

        double weight = found[0];
        double size = 1;
        double way = 0;
        for (int step = 1; step <= 3; step++) {
            double gradient = query(weight);
            if (step > 1) {
                size = Math.max(0, size - STEP_RATE * gradient * way);
            }
            way = -RATE * gradient;
            weight += size * way;
        }
        assertThat(found[1]).isCloseTo(weight, CLOSE);
        assertThat(size).as("it has learnt").isNotCloseTo(1, within(0.02));
        assertThat(found[2]).isCloseTo(size, CLOSE);
    }

    @Test
    void synchronousStepSizesScaleTheStepAheadAlone() {
        LaMaml guard =
                builder()
                        .optVariant(Variant.SYNC)
                        .optLookAhead(LookAhead.PASS)
                        .optInnerRate(INNER_RATE)
                        .build();
        double[] found = train(guard, 3);

        double weight = found[0];
        double size = 1;
        for (int step = 1; step <= 3; step++) {
            double support = weight - LATER;
            double query = query(weight - INNER_RATE * size * support);
            size = Math.max(0, size + STEP_RATE * INNER_RATE * support * query);
            weight -= RATE * query;
        }
        assertThat(found[1]).isCloseTo(weight, CLOSE);
        assertThat(found[2]).isCloseTo(size, CLOSE);
    }

    @Test
    void asynchronousStepSizesScaleTheWeightsToo() {
        LaMaml guard = builder().optLookAhead(LookAhead.PASS).optInnerRate(INNER_RATE).build();
        double[] found = train(guard, 3);

        double weight = found[0];
        double size = 1;
        for (int step = 1; step <= 3; step++) {
            double support = weight - LATER;
            double query = query(weight - INNER_RATE * size * support);
            size = Math.max(0, size + STEP_RATE * INNER_RATE * support * query);
            weight -= size * RATE * query;
        }
        assertThat(found[1]).isCloseTo(weight, CLOSE);
        assertThat(found[2]).isCloseTo(size, CLOSE);
    }

    @Test
    void aStepSizeNeverGoesBelowZeroAndThenTheWeightStays() {
        // Steps that are too long: the gradient turns about, and the step size falls.
        LaMaml guard = builder().optStepRate(1000, false).build();
        try (Scalar model = new Scalar(0);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
            model.learn(listener, SmallModels.sgd(RATE), EARLIER, 1);
            model.learn(listener, SmallModels.sgd(1.9f), LATER, 2);
            double before = model.weight();
            assertThat(size(guard)).isZero();
            model.learn(listener, SmallModels.sgd(0.1f), LATER, 1);
            assertThat(model.weight()).isEqualTo(before);
        }
    }

    /** Its own passes would not see them: they are then added behind it. */
    @ParameterizedTest
    @EnumSource(LookAhead.class)
    void termsOfOthersGoIntoTheLoopsLossOnlyWhereTheyAreNotLostThere(LookAhead lookAhead) {
        Term term = new Term();
        try (Scalar model = new Scalar(0);
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(builder().optLookAhead(lookAhead).build())
                                .addGuard(term)
                                .optBase(Base.IGNORE)
                                .build()) {
            model.learn(listener, SmallModels.sgd(RATE), EARLIER, 3);
            model.learn(listener, SmallModels.sgd(RATE), LATER, 3);
        }
        assertThat(term.asked > 0).isEqualTo(lookAhead == LookAhead.STEP);
    }

    private static final class Term implements ForgettingGuard {

        private int asked;

        @Override
        public String name() {
            return "term";
        }

        @Override
        public boolean addsToLoss() {
            return true;
        }

        @Override
        public Optional<NDArray> onLoss(LossView batch) {
            asked++;
            return Optional.empty();
        }

        @Override
        public void onBackward(StepView step) {}

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }

    private static LaMaml.Builder builder() {
        return LaMaml.builder()
                .setSamples(10, 1)
                .optMixing(Mixing.fixed(0.5))
                .optBounds(1, 10)
                .optStepRate(STEP_RATE, false);
    }

    /** New and earlier samples weigh the same, so that together they want the middle. */
    private static double query(double weight) {
        return weight - (EARLIER + LATER) / 2;
    }

    /** Returns the weight before the later task, after it, and the step size. */
    private static double[] train(LaMaml guard, int steps) {
        try (Scalar model = new Scalar(0);
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
            model.learn(listener, SmallModels.sgd(RATE), EARLIER, 5);
            double before = model.weight();
            model.learn(listener, SmallModels.sgd(RATE), LATER, steps);
            return new double[] {before, model.weight(), size(guard)};
        }
    }

    private static double size(LaMaml guard) {
        return guard.stepSizes().orElseThrow().byName().get(Scalar.WEIGHT).toFloatArray()[0];
    }
}
