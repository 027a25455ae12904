package dev.engram.generativereplay.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import dev.engram.generativereplay.Points;
import dev.engram.tck.KeptMemory;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaeReplayTest {

    private static final Task NEXT = Task.named("next");

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void itForgetsNoEarlierTaskWhileItLearnsAnother(int components) {
        try (VaeReplay source = small().optComponents(components).build()) {
            Points.ofTwoClasses("low", 400, 0, manager).showTo(source);
            assertLow(source, Task.named("high"));
            Points.ofTwoClasses("high", 400, 50, manager).showTo(source);
            assertLow(source, Task.named("high"));
            float[] high = means(source, Task.named("low"));
            assertThat(high[0]).isCloseTo(55, within(2f));
            assertThat(high[1]).isCloseTo(50, within(1f));
            assertThat(source.forget(Task.named("high"))).isEqualTo(400);
            assertThat(source.tasks()).containsExactly("low");
            assertThat(source.available(Task.named("low"))).isZero();
            assertLow(source, NEXT);
        }
    }

    private void assertLow(ReplaySource source, Task unwanted) {
        float[] low = means(source, unwanted);
        assertThat(low[0]).isCloseTo(5, within(1f));
        assertThat(low[1]).isCloseTo(0, within(1f));
        assertThat(low[3]).isCloseTo(3, within(0.1f));
    }

    private float[] means(ReplaySource source, Task unwanted) {
        NDArray drawn = source.draw(unwanted, 400, manager).get(0).data().head();
        return drawn.mean(new int[] {0}).toFloatArray();
    }

    /** Samples of a class go 2 to each side of its mean along the first number. */
    @Test
    void whatItMakesIsSpreadAsTheSamplesWere() {
        try (VaeReplay source = small().build()) {
            Points.ofTwoClasses("low", 400, 0, manager).showTo(source);
            var batch = source.draw(NEXT, 2000, manager).get(0);
            float[] inputs = batch.data().head().toFloatArray();
            float[] labels = batch.labels().head().toFloatArray();
            double squares = 0;
            for (int i = 0; i < labels.length; i++) {
                squares += Math.pow(inputs[4 * i] - 10 * labels[i], 2) / labels.length;
            }
            assertThat(Math.sqrt(squares)).isCloseTo(2, within(0.5));
        }
    }

    @Test
    void aLaterProcessDrawsAndLearnsAsThisOneWouldHave() {
        try (VaeReplay source = small().build();
                VaeReplay later = small().build()) {
            Points.ofTwoClasses("first", 200, 0, manager).showTo(source);
            Points.ofTwoClasses("second one", 100, 5, manager).showTo(source);
            source.draw(NEXT, 10, manager);
            KeptMemory memory = new KeptMemory(manager);
            source.save(memory);
            later.restore(memory);
            assertThat(later.tasks()).isEqualTo(source.tasks());
            assertThat(later.bytes()).isEqualTo(source.bytes());
            assertThat(means(later, NEXT)).isEqualTo(means(source, NEXT));
            Points.ofTwoClasses("third", 100, 9, manager).showTo(later);
            Points.ofTwoClasses("third", 100, 9, manager).showTo(source);
            assertThat(means(later, NEXT)).isEqualTo(means(source, NEXT));
        }
    }

    @Test
    void aFurtherTaskCostsItsCodesAndNoFurtherDecoder() {
        try (VaeReplay source = small().optComponents(2).build()) {
            Points.ofTwoClasses("first", 200, 0, manager).showTo(source);
            long first = source.bytes();
            Points.ofTwoClasses("second", 200, 9, manager).showTo(source);
            // Of each of two classes 4 log-odds and rooms and 2 ends, a mean and a range of 2
            // codes, and two
            // Gaussians of 2 codes in half precision.
            assertThat(source.bytes() - first)
                    .isLessThanOrEqualTo(2 * (4 * (4 + 4 + 2) + 4 * (2 + 3) + 2 * 2 * (1 + 2) * 2));
        }
    }

    @Test
    void imagesComeBackAsTheyWere() {
        NDArray rows = manager.arange(0f, 8f).mul(20).reshape(1, 1, 8, 1);
        NDArray images = rows.add(manager.zeros(new Shape(60, 1, 8, 6)));
        NDArray labels = manager.zeros(new Shape(60, 1), DataType.INT64).add(3);
        Points points =
                new Points(Task.named("images"), images.toType(DataType.UINT8, false), labels);
        try (VaeReplay source = small().optConvolutional(true).optChannels(4).build()) {
            points.showTo(source);
            var batch = source.draw(NEXT, 10, manager).get(0);
            assertThat(batch.data().head().getDataType()).isEqualTo(DataType.UINT8);
            assertThat(batch.data().head().getShape()).isEqualTo(new Shape(10, 1, 8, 6));
            assertThat(batch.labels().head().toLongArray()).containsOnly(3);
            float[] column =
                    batch.data()
                            .head()
                            .toType(DataType.FLOAT32, false)
                            .get("0,0,:,2")
                            .toFloatArray();
            for (int i = 0; i < column.length; i++) {
                assertThat(column[i]).isCloseTo(20 * i, within(4f));
            }
        }
    }

    /** The model of the points says of inputs what they are. */
    @Test
    void itsEncoderMaySeeWhatTheModelSees() {
        try (VaeReplay source = small().optFeedback(true).build()) {
            Points.ofTwoClasses("low", 400, 0, manager).showTo(source);
            assertLow(source, NEXT);
        }
    }

    /** The teacher takes for the second class what lies beyond 9; that class lies around 10. */
    @Test
    void onlySamplesThatTheTeacherTakesForWhatTheyAreStay() {
        UnaryOperator<NDList> teacher =
                inputs -> {
                    NDArray beyond = inputs.head().get(":,0:1").sub(9);
                    return new NDList(beyond.zerosLike().concat(beyond, 1));
                };
        try (VaeReplay source =
                small().optAnswers(300).optAgreement(true).optTeacher(teacher).build()) {
            Points.ofTwoClasses("first", 400, 0, manager).showTo(source);
            Points.ofTwoClasses("next", 10, 0, manager).beginIn(source);
            var batch = source.draw(NEXT, 200, manager).get(0);
            assertThat(batch.predictions().head().getShape()).isEqualTo(new Shape(200, 2));
            float[] inputs = batch.data().head().toFloatArray();
            float[] labels = batch.labels().head().toFloatArray();
            assertThat(labels).contains(0, 1);
            for (int i = 0; i < labels.length; i++) {
                assertThat(inputs[4 * i] > 9).isEqualTo(labels[i] == 1);
            }
        }
    }

    @Test
    void aTeacherThatAgreesWithNothingCostsNoSample() {
        UnaryOperator<NDList> teacher =
                inputs -> {
                    long count = inputs.head().size(0);
                    NDArray none = manager.zeros(new Shape(count, 3));
                    return new NDList(none.concat(manager.ones(new Shape(count, 1)), 1));
                };
        try (VaeReplay source =
                small().optAnswers(50).optAgreement(true).optTeacher(teacher).build()) {
            Points.ofTwoClasses("first", 100, 0, manager).showTo(source);
            Points.ofTwoClasses("next", 10, 0, manager).beginIn(source);
            assertThat(source.draw(NEXT, 20, manager).get(0).size()).isEqualTo(20);
        }
    }

    @Test
    void whatItCannotMakeIsRefusedAtTheFirstBatch() {
        Points points = Points.ofTwoClasses("first", 200, 0, manager);
        try (VaeReplay images = small().optConvolutional(true).build();
                VaeReplay source = small().build()) {
            assertThatThrownBy(() -> points.observedBy(images))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("layers = dense");
            points.showTo(source);
            Points wider =
                    new Points(NEXT, manager.zeros(new Shape(8, 5)), manager.zeros(new Shape(8)));
            assertThatThrownBy(() -> wider.observedBy(source)).hasMessageContaining("one form");
        }
    }

    @Test
    void aMemoryOfOtherSizesIsRefused() {
        try (VaeReplay source = small().build();
                VaeReplay wider = small().optHidden(33).build()) {
            Points.ofTwoClasses("first", 100, 0, manager).showTo(source);
            KeptMemory memory = new KeptMemory(manager);
            source.save(memory);
            assertThatThrownBy(() -> wider.restore(memory))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("hidden=33");
        }
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        assertThatThrownBy(VaeReplay.builder().optHidden(0)::build)
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optHidden(0)");
        assertThatThrownBy(VaeReplay.builder().optGating(1)::build)
                .hasMessageContaining("optGating(1.0)");
        assertThatThrownBy(VaeReplay.builder().optRate(Double.NaN)::build)
                .hasMessageContaining("optRate(NaN)");
        assertThatThrownBy(VaeReplay.builder().optAgreement(true)::build)
                .hasMessageContaining("optAnswers(0)");
    }

    private static VaeReplayBuilder small() {
        return VaeReplay.builder()
                .optHidden(32)
                .optLatent(2)
                .optRate(0.01)
                .optDivergence(0.001)
                .optIterations(150)
                .optBatch(64)
                .optComponents(5);
    }
}
