package dev.engram.replay.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.kit.rehearsal.Weighing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What rehearsal does to gradients, against the same computed without it. */
class RehearsalMathTest {

    private static final float[] NEW = {1, 0, 2, -1, 1, 0};
    private static final long[] NEW_LABELS = {0, 1};
    private static final float[] OLD = {0, 2, -1, 1, 1, 1};
    private static final long[] OLD_LABELS = {2, 3};
    private static final float[] BOTH = {1, 0, 2, -1, 1, 0, 0, 2, -1, 1, 1, 1};
    private static final long[] BOTH_LABELS = {0, 1, 2, 3};

    @Test
    void replayGivesTheGradientOfBothBatchesTogether() {
        float[] found = guarded(RehearsalGuard.builder());
        assertThat(found).containsExactly(plain(BOTH, BOTH_LABELS), within(1e-6f));
    }

    @Test
    void everyTaskWeighsTheSameWhenAskedFor() {
        // One earlier task: half and half, although six new samples meet two earlier ones.
        float[] six = {1, 0, 2, -1, 1, 0, 1, 1, 0, 1, 0, 2, -1, 1, 0, 1, 1, 0};
        long[] sixLabels = {0, 1, 1, 0, 1, 1};
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(source(OLD, OLD_LABELS, null))
                        .optMixing(Mixing.fixed(0.25))
                        .optWeighing(Weighing.TASKS)
                        .build();
        try (Bench bench = new Bench(guard)) {
            float[] found = bench.gradients(bench.data(six), bench.labels(sixLabels));
            float[] fresh = plain(six, sixLabels);
            float[] old = plain(OLD, OLD_LABELS);
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i]).isCloseTo((fresh[i] + old[i]) / 2, within(1e-6f));
            }
        }
    }

    @Test
    void aGemTakesOutWhatWouldHarmEarlierSamples() {
        // The same inputs under other labels: the gradients oppose each other.
        float[] found = guarded(RehearsalGuard.builder().optProjection(0), NEW, new long[] {1, 0});
        float[] fresh = plain(NEW, NEW_LABELS);
        float[] reference = plain(NEW, new long[] {1, 0});
        double along = dot(fresh, reference);
        assertThat(along).isNegative();
        double square = dot(reference, reference);
        for (int i = 0; i < found.length; i++) {
            float closed = (float) (fresh[i] - along / square * reference[i]);
            assertThat(found[i]).isCloseTo(closed, within(1e-6f));
        }
        assertThat(dot(found, reference)).isCloseTo(0, within(1e-6));
    }

    @Test
    void aGemLeavesAGradientAloneThatHarmsNobody() {
        float[] found = guarded(RehearsalGuard.builder().optProjection(0), NEW, NEW_LABELS);
        assertThat(found).containsExactly(plain(NEW, NEW_LABELS), within(1e-7f));
    }

    @Test
    void aGemWithAMemoryStrengthGivesEarlierSamplesTheirShareOfEveryStep() {
        float[] found = guarded(RehearsalGuard.builder().optProjection(0.5), OLD, OLD_LABELS);
        float[] fresh = plain(NEW, NEW_LABELS);
        float[] reference = plain(OLD, OLD_LABELS);
        double square = dot(reference, reference);
        double missing = 0.5 - dot(fresh, reference) / square;
        assertThat(missing).isPositive();
        for (int i = 0; i < found.length; i++) {
            float closed = (float) (fresh[i] + missing * reference[i]);
            assertThat(found[i]).isCloseTo(closed, within(1e-6f));
        }
        assertThat(dot(found, reference)).isCloseTo(0.5 * square, within(1e-6));
    }

    @Test
    void darkExperienceAddsTheDistanceToStoredPredictions() {
        float[] stored = {1, 2, 3, 4, 4, 3, 2, 1};
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(source(OLD, OLD_LABELS, stored))
                        .optMixing(Mixing.fixed(0.5))
                        .optDarkExperience(0.5, 0)
                        .build();
        try (Bench bench = new Bench(guard)) {
            float[] found = bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
            float[] fresh = plain(NEW, NEW_LABELS);
            float[] outputs = outputs(bench, OLD);
            // d/dW of 0.5 mean (f - z)^2 over 8 outputs: (f - z)/8 outer x; the bias comes last.
            for (int c = 0; c < Bench.CLASSES; c++) {
                for (int j = 0; j < Bench.INPUTS; j++) {
                    float sum = 0;
                    for (int s = 0; s < 2; s++) {
                        int at = s * Bench.CLASSES + c;
                        sum += (outputs[at] - stored[at]) / 8 * OLD[s * Bench.INPUTS + j];
                    }
                    int i = c * Bench.INPUTS + j;
                    assertThat(found[i]).isCloseTo(fresh[i] + sum, within(1e-5f));
                }
            }
        }
    }

    @Test
    void derPlusPlusAddsTheLossUnderTheLabelsToo() {
        float[] stored = {1, 2, 3, 4, 4, 3, 2, 1};
        float[] der = dark(stored, 0.5, 0);
        float[] both = dark(stored, 0.5, 0.25);
        float[] old = plain(OLD, OLD_LABELS);
        for (int i = 0; i < old.length; i++) {
            assertThat(both[i] - der[i]).isCloseTo(0.25f * old[i], within(1e-6f));
        }
    }

    @Test
    void darkExperienceWithoutStoredPredictionsSaysWhatToDo() {
        RehearsalGuard.Builder dark = RehearsalGuard.builder().optDarkExperience(0.5, 0);
        assertThatThrownBy(() -> guarded(dark))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("optPredictions(true)");
    }

    /**
     * Replayed are classes 2 and 3, so 0 and 1 are new: no probability is wanted of them. By hand,
     * at T = 2: softmax((1, 3)/2) = (0.26894, 0.73106), softmax((4, 0)/2) = (0.88080, 0.11920).
     */
    @Test
    void softTargetsHoldWhatWasAnsweredAndTakeProbabilityFromNewClasses() {
        float[] answers = {9, 9, 1, 3, -5, 7, 4, 0};
        float[] wanted = {0, 0, 0.26894f, 0.73106f, 0, 0, 0.88080f, 0.11920f};
        assertSoft(answers, Bench.CLASSES, new long[] {2, 3}, wanted);
    }

    /** Whoever answered had three classes; softmax((2, 0, 1)/2) and softmax((0, 0, 2)/2). */
    @Test
    void softTargetsOfASmallerHeadHaveNoProbabilityForWhatItLacks() {
        float[] answers = {2, 0, 1, 0, 0, 2};
        float[] wanted = {0.62246f, 0, 0.37754f, 0, 0.26894f, 0, 0.73106f, 0};
        assertSoft(answers, 3, new long[] {2, 0}, wanted);
    }

    /** The gradient of −T² Σ p log softmax(f/T) by f is T (softmax(f/T) − p). */
    private static void assertSoft(float[] answers, int known, long[] labels, float[] wanted) {
        FixedSource source =
                new FixedSource(2, manager -> arrays(manager, OLD, labels, answers, known));
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(source)
                        .optMixing(Mixing.fixed(0.5))
                        .optSoftTargets(2)
                        .build();
        try (Bench bench = new Bench(guard)) {
            float[] found = bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
            float[] fresh = plain(NEW, NEW_LABELS);
            double[] now = softmax(outputs(bench, OLD), 2);
            for (int c = 0; c < Bench.CLASSES; c++) {
                for (int j = 0; j < Bench.INPUTS; j++) {
                    double old = 0;
                    for (int s = 0; s < 2; s++) {
                        int at = s * Bench.CLASSES + c;
                        old += 2 * (now[at] - wanted[at]) / 2 * OLD[s * Bench.INPUTS + j];
                    }
                    int i = c * Bench.INPUTS + j;
                    assertThat(found[i]).isCloseTo((float) (fresh[i] + old) / 2, within(1e-4f));
                }
            }
        }
    }

    private static double[] softmax(float[] outputs, double temperature) {
        double[] shares = new double[outputs.length];
        for (int from = 0; from < outputs.length; from += Bench.CLASSES) {
            double sum = 0;
            for (int i = from; i < from + Bench.CLASSES; i++) {
                sum += Math.exp(outputs[i] / temperature);
            }
            for (int i = from; i < from + Bench.CLASSES; i++) {
                shares[i] = Math.exp(outputs[i] / temperature) / sum;
            }
        }
        return shares;
    }

    @Test
    void softTargetsWithoutAnswersSayWhatToDo() {
        assertThatThrownBy(() -> guarded(RehearsalGuard.builder().optSoftTargets(2)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("answers = 2000");
        assertThatThrownBy(() -> RehearsalGuard.builder().optSoftTargets(0))
                .hasMessageContaining("optSoftTargets(0.0)");
    }

    @Test
    void softTargetsOfSomethingThatIsNotOneNumberAClassAreRefused() {
        FixedSource wider =
                new FixedSource(2, manager -> arrays(manager, OLD, OLD_LABELS, new float[10], 5));
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(wider)
                        .optMixing(Mixing.fixed(0.5))
                        .optSoftTargets(2)
                        .build();
        try (Bench bench = new Bench(guard)) {
            assertThatThrownBy(() -> bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("leave soft-targets out");
        }
    }

    @Test
    void asymmetricLossPushesNoAbsentClassDownAndIsFinite() {
        // Nothing old to draw but class 2: the output of class 3 must feel the old batch only.
        float[] found = guarded(RehearsalGuard.builder().optAsymmetricLoss(), OLD, OLD_LABELS);
        float[] old = plain(OLD, OLD_LABELS);
        for (int c = 2; c < Bench.CLASSES; c++) {
            for (int j = 0; j < Bench.INPUTS; j++) {
                int i = c * Bench.INPUTS + j;
                assertThat(found[i]).isCloseTo(0.5f * old[i], within(1e-6f));
            }
        }
        assertThat(found[0]).isNotCloseTo(0.5f * old[0], within(1e-3f));
    }

    @Test
    void asymmetricLossPushesNoAbsentClassDownBetweenRehearsalsEither() {
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(source(OLD, OLD_LABELS, null))
                        .optMixing(Mixing.fixed(0.5))
                        .optAsymmetricLoss()
                        .optEvery(4)
                        .build();
        try (Bench bench = new Bench(guard)) {
            for (int step = 1; step < 4; step++) {
                float[] found = bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
                int biases = Bench.CLASSES * Bench.INPUTS;
                assertThat(found[biases + 2]).as("step %d", step).isZero();
                assertThat(found[biases + 3]).as("step %d", step).isZero();
                assertThat(Math.abs(found[biases])).isGreaterThan(0.01f);
            }
        }
    }

    private float[] dark(float[] stored, double alpha, double beta) {
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setSource(source(OLD, OLD_LABELS, stored))
                        .optMixing(Mixing.fixed(0.5))
                        .optDarkExperience(alpha, beta)
                        .build();
        try (Bench bench = new Bench(guard)) {
            return bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
        }
    }

    private float[] guarded(RehearsalGuard.Builder builder) {
        return guarded(builder, OLD, OLD_LABELS);
    }

    private float[] guarded(RehearsalGuard.Builder builder, float[] old, long[] labels) {
        RehearsalGuard guard =
                builder.setSource(source(old, labels, null)).optMixing(Mixing.fixed(0.5)).build();
        try (Bench bench = new Bench(guard)) {
            return bench.gradients(bench.data(NEW), bench.labels(NEW_LABELS));
        }
    }

    private static float[] plain(float[] data, long... labels) {
        try (Bench bench = new Bench()) {
            return bench.gradients(bench.data(data), bench.labels(labels));
        }
    }

    private static float[] outputs(Bench bench, float[] data) {
        NDList out = bench.trainer.evaluate(new NDList(bench.data(data)));
        return out.head().toFloatArray();
    }

    private static FixedSource source(float[] data, long[] labels, float[] predictions) {
        return new FixedSource(
                labels.length, manager -> arrays(manager, data, labels, predictions));
    }

    private static List<NDList> arrays(
            NDManager manager, float[] data, long[] labels, float[] predictions) {
        return arrays(manager, data, labels, predictions, Bench.CLASSES);
    }

    private static List<NDList> arrays(
            NDManager manager, float[] data, long[] labels, float[] predictions, int classes) {
        Shape inputs = new Shape(labels.length, Bench.INPUTS);
        Shape outputs = new Shape(labels.length, classes);
        return List.of(
                new NDList(manager.create(data, inputs)),
                new NDList(manager.create(labels)),
                predictions == null
                        ? new NDList()
                        : new NDList(manager.create(predictions, outputs)));
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }
}
