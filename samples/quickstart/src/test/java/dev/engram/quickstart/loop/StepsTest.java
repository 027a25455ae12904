package dev.engram.quickstart.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;

/** Guards act once a step of the optimizer, whatever the loop does between its batches. */
class StepsTest {

    @Test
    void aStepThatTheLoopSkipsIsNone() {
        TestGuard guard = new TestGuard("acme");
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            loop.begin(listener);
            loop.backward(Loop.data(0, 0, 8), 0, 8);
            loop.trainer.step();
            loop.backward(Loop.data(0, 1, 8), 0, 8);
            loop.zero();
            loop.backward(Loop.data(0, 2, 8), 0, 8);
            loop.trainer.step();
            loop.trainer.step();
            loop.endEpoch();
            loop.end();
        }
        assertThat(guard.calls).containsExactly("step 1 of 1", "step 2 of 2", "end task-1");
    }

    @Test
    void aLoopThatUpdatesTheWeightsItselfIsNoticed() {
        assertThat(steps(ForgettingListener.builder(), 1, 4))
                .containsExactly("step 1 of 1", "step 2 of 1", "step 3 of 1", "end task-1");
    }

    @Test
    void suchALoopMaySayHowManyBatchesMakeAStep() {
        assertThat(steps(ForgettingListener.builder().optAccumulation(2), 2, 6))
                .containsExactly("step 1 of 2", "step 2 of 2", "end task-1");
    }

    /** The first group shows that the weights move. */
    private static java.util.List<String> steps(
            dev.engram.djl.ForgettingListener.Builder builder, int parts, int batches) {
        TestGuard guard = new TestGuard("acme");
        try (Loop loop = Loop.of(Loop.mlp());
                ForgettingListener listener = builder.addGuard(guard).build()) {
            loop.begin(listener);
            for (int batch = 1; batch <= batches; batch++) {
                loop.backward(Loop.data(0, batch, 8), 0, 8);
                if (batch % parts == 0) {
                    descend(loop);
                }
            }
            loop.endEpoch();
            loop.end();
            assertThat(listener.tasks()).hasSize(1);
        }
        return guard.calls;
    }

    private static void descend(Loop loop) {
        for (Parameter parameter : loop.model.getBlock().getParameters().values()) {
            try (NDArray gradient = parameter.getArray().getGradient();
                    NDArray value = parameter.getArray().stopGradient();
                    NDArray move = gradient.mul(0.1)) {
                value.subi(move);
            }
        }
        loop.zero();
    }

    @Test
    void theTrainersOwnOptimizerWorksWhenTheListenerIsClosed() {
        try (Loop loop = Loop.of(Loop.mlp())) {
            ForgettingListener listener = ForgettingListener.builder().addStrategy("ewc").build();
            loop.begin(listener);
            loop.epoch(0, 2, 1, 8);
            listener.endTask();
            float[] before = loop.weights().get("01Linear_weight");
            loop.trainer.step();
            assertThat(loop.weights().get("01Linear_weight")).isEqualTo(before);
            listener.close();
        }
    }
}
