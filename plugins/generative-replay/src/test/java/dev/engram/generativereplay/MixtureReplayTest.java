package dev.engram.generativereplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.tck.KeptMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MixtureReplayTest {

    private static final int SAMPLES = 2000;
    private static final Task NEXT = Task.named("next");

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void drawnSamplesHaveTheMeanAndTheCovarianceOfTheirClass() {
        try (MixtureReplay source = MixtureReplay.builder().optComponents(1).optSpread(1).build()) {
            Points.ofTwoClasses("first", SAMPLES, 0, manager).showTo(source);
            float[] drawn = ofClass(1, source.draw(NEXT, 8000, manager).get(0));
            int count = drawn.length / 4;
            double[] mean = new double[4];
            for (int i = 0; i < drawn.length; i++) {
                mean[i % 4] += drawn[i] / count;
            }
            assertThat(mean).containsExactly(new double[] {10, 0, 0, 3}, within(0.15));
            assertThat(covariance(drawn, mean, 0, 0)).isCloseTo(4, within(0.4));
            assertThat(covariance(drawn, mean, 0, 1)).isCloseTo(-2, within(0.3));
            assertThat(covariance(drawn, mean, 2, 2)).isCloseTo(0.25, within(0.05));
            assertThat(covariance(drawn, mean, 3, 3)).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void tasksComeAlikeAndClassesAsOftenAsTheTaskHadThem() {
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            Points few = Points.ofTwoClasses("few", 200, 0, manager);
            float[] labels = new float[200];
            for (int i = 0; i < 150; i++) {
                labels[i] = 1;
            }
            new Points(few.task(), few.data(), manager.create(labels)).showTo(source);
            Points.ofTwoClasses("many", SAMPLES, 100, manager).showTo(source);
            List<ReplayedBatch> drawn = source.draw(NEXT, 80, manager);
            assertThat(drawn).hasSize(1);
            List<String> tasks = drawn.get(0).tasks();
            assertThat(tasks.subList(0, 40)).containsOnly("few");
            assertThat(tasks.subList(40, 80)).containsOnly("many");
            float[] all = drawn.get(0).labels().head().toFloatArray();
            double ones = 0;
            for (int i = 0; i < 40; i++) {
                ones += all[i];
            }
            assertThat(ones).isCloseTo(30, within(2.0));
        }
    }

    @Test
    void tasksThatShareLabelsKeepTheirOwnSamples() {
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            Points.ofTwoClasses("low", SAMPLES, 0, manager).showTo(source);
            Points.ofTwoClasses("high", SAMPLES, 1000, manager).showTo(source);
            assertThat(inputs(source.draw(Task.named("low"), 100, manager))).hasSize(400);
            float[] high = inputs(source.draw(Task.named("low"), 100, manager));
            for (int i = 0; i < high.length; i += 4) {
                assertThat(high[i]).isGreaterThan(900);
            }
            assertThat(source.forget(Task.named("high"))).isEqualTo(SAMPLES);
            assertThat(source.tasks()).isEqualTo(Set.of("low"));
            float[] low = inputs(source.draw(NEXT, 100, manager));
            for (int i = 0; i < low.length; i += 4) {
                assertThat(low[i]).isLessThan(100);
            }
        }
    }

    @Test
    void whatIsDrawnIsSaidByTheSeed() {
        assertThat(drawnWith(7)).isEqualTo(drawnWith(7)).isNotEqualTo(drawnWith(8));
    }

    private float[] drawnWith(long seed) {
        try (MixtureReplay source = MixtureReplay.builder().optSeed(seed).build()) {
            Points.ofTwoClasses("first", 500, 0, manager).showTo(source);
            source.draw(NEXT, 10, manager);
            return inputs(source.draw(NEXT, 10, manager));
        }
    }

    @Test
    void aLaterProcessDrawsAsThisOneWouldHave() {
        try (MixtureReplay source = MixtureReplay.builder().build();
                MixtureReplay later = MixtureReplay.builder().build()) {
            Points.ofTwoClasses("first", 500, 0, manager).showTo(source);
            Points.ofTwoClasses("second one", 100, 5, manager).showTo(source);
            source.draw(NEXT, 10, manager);
            KeptMemory memory = new KeptMemory(manager);
            source.save(memory);
            later.restore(memory);
            assertThat(later.tasks()).isEqualTo(source.tasks());
            assertThat(later.bytes()).isEqualTo(source.bytes());
            assertThat(inputs(later.draw(NEXT, 50, manager)))
                    .isEqualTo(inputs(source.draw(NEXT, 50, manager)));
            Points.ofTwoClasses("third", 100, 9, manager).showTo(later);
            Points.ofTwoClasses("third", 100, 9, manager).showTo(source);
            assertThat(inputs(later.draw(NEXT, 50, manager)))
                    .isEqualTo(inputs(source.draw(NEXT, 50, manager)));
        }
    }

    @Test
    void whatItKeepsIsBoundedHoweverManySamplesThereWere() {
        try (MixtureReplay source = MixtureReplay.builder().optComponents(5).optRank(3).build()) {
            Points.ofTwoClasses("first", 4 * SAMPLES, 0, manager).showTo(source);
            // For each of two classes: a centre and a range, and five means with three axes each.
            int aClass = 4 * (4 + 3) + 5 * (1 + 3) * 4 * 2;
            assertThat(source.bytes()).isBetween(2L * aClass - 200, 2L * aClass);
        }
    }

    @Test
    void inputsOfOtherTypesAndShapesComeBackAsTheyWere() {
        NDArray pixels = manager.zeros(new Shape(400, 2, 3)).add(7).toType(DataType.UINT8, false);
        NDArray labels = manager.zeros(new Shape(400, 1), DataType.INT64).add(3);
        NDArray wide = manager.randomNormal(new Shape(400, 4)).toType(DataType.FLOAT64, false);
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            new Points(Task.named("pixels"), pixels, labels).showTo(source);
            new Points(Task.named("wide"), wide, labels).showTo(source);
            List<ReplayedBatch> drawn = source.draw(NEXT, 10, manager);
            assertThat(drawn).hasSize(2);
            NDArray again = drawn.get(0).data().head();
            assertThat(again.getDataType()).isEqualTo(DataType.UINT8);
            assertThat(again.getShape()).isEqualTo(new Shape(5, 2, 3));
            assertThat(again.toType(DataType.INT64, false).toLongArray()).containsOnly(7);
            assertThat(drawn.get(0).labels().head().getShape()).isEqualTo(new Shape(5, 1));
            assertThat(drawn.get(0).labels().head().toLongArray()).containsOnly(3);
            assertThat(drawn.get(1).data().head().getDataType()).isEqualTo(DataType.FLOAT64);
        }
    }

    @Test
    void whatCannotBeDrawnIsRefusedAtTheFirstBatch() {
        NDArray labels = manager.zeros(new Shape(8));
        NDArray words = manager.zeros(new Shape(8, 4), DataType.INT64);
        NDArray amounts = manager.zeros(new Shape(8, 4));
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            Points ofWords = new Points(NEXT, words, labels);
            assertThatThrownBy(() -> ofWords.observedBy(source)).hasMessageContaining("int64");
            Points pairs = new Points(NEXT, amounts, manager.zeros(new Shape(4)));
            assertThatThrownBy(() -> pairs.observedBy(source))
                    .hasMessageContaining("one label")
                    .hasMessageContaining("(8, 4)");
        }
    }

    @Test
    void labelsThatAreAmountsAndClassesOfAFewSamplesAreRefused() {
        NDArray amounts = manager.randomNormal(new Shape(40, 4));
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            Points regression =
                    new Points(NEXT, amounts, manager.randomUniform(0, 1, new Shape(40)));
            assertThatThrownBy(() -> regression.showTo(source))
                    .hasMessageContaining("fewer than 5");
            Points infinite = new Points(NEXT, amounts.log(), manager.zeros(new Shape(40)));
            assertThatThrownBy(() -> infinite.showTo(source)).hasMessageContaining("NaN");
            assertThat(source.tasks()).isEmpty();
        }
    }

    @Test
    void oneHotLabelsAreClassesToo() {
        float[] labels = new float[3 * 60];
        for (int i = 0; i < 60; i++) {
            labels[3 * i + i % 2] = 1;
        }
        NDArray rows = manager.randomNormal(new Shape(60, 4));
        try (MixtureReplay source = MixtureReplay.builder().build();
                MixtureReplay later = MixtureReplay.builder().build()) {
            new Points(NEXT, rows, manager.create(labels, new Shape(60, 3))).showTo(source);
            KeptMemory memory = new KeptMemory(manager);
            source.save(memory);
            later.restore(memory);
            NDArray drawn = later.draw(Task.named("another"), 10, manager).get(0).labels().head();
            assertThat(drawn.getShape()).isEqualTo(new Shape(10, 3));
            assertThat(drawn.sum(new int[] {0}).toFloatArray()).containsExactly(5, 5, 0);
        }
    }

    @Test
    void aRareClassIsLeftOutAndTheOthersStay() {
        float[] labels = new float[100];
        labels[3] = 1;
        try (MixtureReplay source = MixtureReplay.builder().build()) {
            new Points(NEXT, manager.randomNormal(new Shape(100, 4)), manager.create(labels))
                    .showTo(source);
            List<ReplayedBatch> drawn = source.draw(Task.named("another"), 50, manager);
            assertThat(drawn.get(0).labels().head().toFloatArray()).containsOnly(0f);
        }
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        assertThatThrownBy(MixtureReplay.builder().optRank(0)::build)
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optRank(0)");
        assertThatThrownBy(MixtureReplay.builder().optLeastSamples(1)::build)
                .hasMessageContaining("give 2 or more");
    }

    private static float[] inputs(List<ReplayedBatch> batches) {
        return batches.get(0).data().head().toFloatArray();
    }

    private static float[] ofClass(float label, ReplayedBatch batch) {
        float[] labels = batch.labels().head().toFloatArray();
        float[] inputs = batch.data().head().toFloatArray();
        List<Float> own = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            if (labels[i / 4] == label) {
                own.add(inputs[i]);
            }
        }
        float[] values = new float[own.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = own.get(i);
        }
        return values;
    }

    private static double covariance(float[] rows, double[] mean, int one, int other) {
        double sum = 0;
        for (int i = 0; i < rows.length; i += 4) {
            sum += (rows[i + one] - mean[one]) * (rows[i + other] - mean[other]);
        }
        return sum / (rows.length / 4 - 1);
    }
}
