package dev.engram.replay.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.GuardEffect;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalEffectTest {

    private static final float[] LEARNT = {1e6f, 0, 2e6f, -1e6f, 1e6f, 0};
    private static final float[] NEW = {1, 0, 2, -1, 1, 0};
    private static final long[] NEW_LABELS = {0, 1};
    private static final float[] OLD = {0, 2, -1, 1, 1, 1};
    private static final long[] OLD_LABELS = {2, 3};

    /** What is measured at a step is read at the end of the epoch: its memory must be there. */
    @Test
    void theEffectIsThatOfTheStepThoughGarbageWasCollectedInBetween() {
        RehearsalGuard guard =
                RehearsalGuard.builder().setSource(source()).optMixing(Mixing.fixed(0.5)).build();
        float[] fresh = gradients(NEW, NEW_LABELS);
        float[] old = gradients(OLD, OLD_LABELS);
        try (Bench bench = new Bench(guard)) {
            bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
            System.gc();
            fillFreedMemory();
            bench.trainer.notifyListeners(listener -> listener.onEpoch(bench.trainer));
            GuardEffect effect = guard.effect().orElseThrow();
            double moved = length(fresh, old) / 2;
            double share = moved / (moved + length(fresh, new float[fresh.length]));
            assertThat(effect.gradientShare()).isCloseTo(share, within(1e-5));
            assertThat(effect.penalty()).isPositive().isLessThan(10);
        }
    }

    /** Samples that are learnt to the last bit, new and earlier ones, give gradients of zero. */
    @Test
    void aRehearsalThatFoundNothingToCorrectIsNoEffectOfZero() {
        RehearsalGuard guard =
                RehearsalGuard.builder().setSource(learnt()).optMixing(Mixing.fixed(0.5)).build();
        assertThat(moved(guard, LEARNT)).containsOnly(0f);
        assertThat(guard.effect()).isEmpty();
    }

    /** Returns the gradients of the last step of an epoch, after an earlier task. */
    private static float[] moved(RehearsalGuard guard, float... data) {
        long[] classes = argMax(data);
        try (Bench bench = new Bench(guard)) {
            bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
            bench.trainer.notifyListeners(listener -> ((ForgettingListener) listener).endTask());
            bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
            float[] found = bench.gradients(bench.data(data), bench.labels(classes));
            bench.trainer.notifyListeners(listener -> listener.onEpoch(bench.trainer));
            return found;
        }
    }

    /** Returns the classes that the bench's model gives. */
    private static long[] argMax(float... data) {
        try (Bench bench = new Bench()) {
            return bench.trainer
                    .forward(new NDList(bench.data(data)))
                    .head()
                    .argMax(1)
                    .toLongArray();
        }
    }

    private static FixedSource learnt() {
        long[] classes = argMax(LEARNT);
        return new FixedSource(
                2,
                manager ->
                        List.of(
                                new NDList(manager.create(LEARNT, new Shape(2, Bench.INPUTS))),
                                new NDList(manager.create(classes)),
                                new NDList()));
    }

    private static float[] gradients(float[] data, long... labels) {
        try (Bench bench = new Bench()) {
            return bench.gradients(bench.data(data), bench.labels(labels));
        }
    }

    private static double length(float[] one, float[] other) {
        double square = 0;
        for (int i = 0; i < one.length; i++) {
            square += Math.pow((double) one[i] - other[i], 2);
        }
        return Math.sqrt(square);
    }

    private static FixedSource source() {
        return new FixedSource(
                2,
                manager ->
                        List.of(
                                new NDList(manager.create(OLD, new Shape(2, Bench.INPUTS))),
                                new NDList(manager.create(OLD_LABELS)),
                                new NDList()));
    }

    private static void fillFreedMemory() {
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4 << (i % 5));
            while (buffer.hasRemaining()) {
                buffer.putFloat(Float.NaN);
            }
        }
    }
}
