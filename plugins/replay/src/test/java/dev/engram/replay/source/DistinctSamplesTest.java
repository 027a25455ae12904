package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several epochs over the same samples are no more samples than one. */
class DistinctSamplesTest {

    private static final Task TASK = Task.named("old");
    private static final Task NEXT = Task.named("next");
    private static final int SAMPLES = 40;
    private static final int BUDGET = 10;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(value = Selection.class, names = "HERDING", mode = EnumSource.Mode.EXCLUDE)
    void noSampleIsKeptTwiceInHoweverManyEpochs(Selection selection) {
        try (ReplayBuffer roomy = buffer(selection, 1000, 1);
                ReplayBuffer small = buffer(selection, BUDGET, 1)) {
            epochs(roomy, 5, 1);
            epochs(small, 5, 1);
            assertThat(kept(roomy)).containsExactlyInAnyOrderElementsOf(all());
            assertThat(kept(small)).hasSize(BUDGET).doesNotHaveDuplicates();
        }
    }

    @Test
    void fiveEpochsInAnyOrderLeaveTheReservoirOfOne() {
        for (int seed = 0; seed < 50; seed++) {
            try (ReplayBuffer once = buffer(Selection.RESERVOIR, BUDGET, seed);
                    ReplayBuffer often = buffer(Selection.RESERVOIR, BUDGET, seed)) {
                epochs(once, 1, seed);
                epochs(often, 5, 100 + seed);
                assertThat(kept(often)).containsExactlyInAnyOrderElementsOf(kept(once));
            }
        }
    }

    /**
     * Each of n samples has the chance k/n; those that are kept together are drawn without return.
     */
    @Test
    void afterSeveralEpochsEveryDistinctSampleIsKeptWithTheSameProbability() {
        int trials = 1000;
        int[] counts = new int[SAMPLES];
        for (int seed = 0; seed < trials; seed++) {
            try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, BUDGET, seed)) {
                epochs(buffer, 3, seed);
                kept(buffer).forEach(id -> counts[id]++);
            }
        }
        double expected = (double) trials * BUDGET / SAMPLES;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        // Without return the statistic shrinks by 1 - k/n; 39 degrees of freedom, 0.1 % each side.
        double scaled = chiSquare / (1 - (double) BUDGET / SAMPLES) * (SAMPLES - 1) / SAMPLES;
        assertThat(scaled).isBetween(16.0, 72.1);
    }

    @Test
    void aTaskOfManyEpochsHasNoMoreOfTheReservoirThanOneOfASingle() {
        int first = 0;
        for (int seed = 0; seed < 200; seed++) {
            try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, BUDGET, seed)) {
                epochs(buffer, 5, seed);
                feed(buffer, NEXT, all());
                first += (int) buffer.available(NEXT);
            }
        }
        // Five on average; its standard error is 0.1.
        assertThat(first / 200.0).isBetween(4.6, 5.4);
    }

    @Test
    void whatADataSetHoldsSeveralTimesIsKeptAsOften() {
        try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, 1000, 1)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                feed(buffer, TASK, List.of(1, 2, 1, 3));
                feed(buffer, TASK, List.of(1, 4));
                buffer.onEpoch();
            }
            assertThat(kept(buffer)).containsExactlyInAnyOrder(1, 1, 1, 2, 3, 4);
        }
    }

    @Test
    void aProcessThatGoesOnKnowsWhatAnEarlierOneKept() {
        Written memory = new Written(manager);
        List<Integer> before;
        try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, BUDGET, 1)) {
            epochs(buffer, 2, 1);
            before = kept(buffer);
            buffer.save(memory);
        }
        try (ReplayBuffer restored = buffer(Selection.RESERVOIR, BUDGET, 2)) {
            restored.restore(memory);
            epochs(restored, 2, 3);
            assertThat(kept(restored)).containsExactlyInAnyOrderElementsOf(before);
        }
        memory.close();
    }

    @Test
    void augmentedSamplesEachCount() {
        try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, 1000, 1)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                NDArray noise = manager.full(new Shape(4, 2), (float) epoch);
                NDArray labels = manager.create(new float[] {0.5f, 1.5f, 2.5f, 3.5f});
                buffer.observe(
                        ObservedBatch.of(
                                TASK,
                                new NDList(noise),
                                new NDList(labels),
                                new NDList(),
                                List.of()));
                buffer.onEpoch();
            }
            assertThat(buffer.size()).isEqualTo(12);
        }
    }

    @Test
    void theRingKeepsTheNewestOfTheLastEpoch() {
        try (ReplayBuffer buffer = buffer(Selection.RING, 4, 1)) {
            feed(buffer, TASK, List.of(0, 1, 2, 3, 4, 5));
            buffer.onEpoch();
            feed(buffer, TASK, List.of(5, 4, 3, 2, 1, 0));
            assertThat(kept(buffer)).containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    /** As if each observation had been a sample of its own: any epoch, each as likely. */
    @Test
    void storedPredictionsAreThoseOfAnEpochByChance() {
        int[] ofEpoch = new int[4];
        try (ReplayBuffer buffer =
                ReplayBuffer.builder()
                        .optBudget(Budget.ofSamples(1000))
                        .optPredictions(true)
                        .build()) {
            for (int epoch = 0; epoch < 4; epoch++) {
                NDArray ids = manager.arange(400f);
                NDArray told = manager.full(new Shape(400, 1), (float) epoch);
                buffer.observe(
                        ObservedBatch.of(
                                TASK,
                                new NDList(ids.reshape(new Shape(400, 1))),
                                new NDList(ids),
                                new NDList(told),
                                List.of()));
                buffer.onEpoch();
            }
            assertThat(buffer.size()).isEqualTo(400);
            for (float epoch :
                    buffer.draw(NEXT, 400, manager).get(0).predictions().head().toFloatArray()) {
                ofEpoch[(int) epoch]++;
            }
        }
        // A hundred each; the standard deviation is 8.7.
        for (int count : ofEpoch) {
            assertThat(count).isBetween(65, 135);
        }
    }

    @Test
    void samplesAreRecognisedInATransposedBatchAndAmongSeveralArrays() {
        try (ReplayBuffer buffer = buffer(Selection.RESERVOIR, 1000, 1)) {
            for (int epoch = 0; epoch < 2; epoch++) {
                NDArray wide = manager.arange(12f).reshape(new Shape(3, 4));
                NDArray rows = epoch == 0 ? wide.transpose().duplicate() : wide.transpose();
                NDArray second = manager.arange(4f);
                buffer.observe(
                        ObservedBatch.of(
                                TASK,
                                new NDList(rows, second),
                                new NDList(manager.create(new long[] {1, 1, 1, 1})),
                                new NDList(),
                                List.of()));
                buffer.onEpoch();
            }
            assertThat(buffer.size()).isEqualTo(4);
        }
    }

    private void epochs(ReplayBuffer buffer, int epochs, long seed) {
        Random random = new Random(seed);
        for (int epoch = 0; epoch < epochs; epoch++) {
            List<Integer> order = new ArrayList<>(all());
            Collections.shuffle(order, random);
            for (int from = 0; from < SAMPLES; from += 8) {
                feed(buffer, TASK, order.subList(from, from + 8));
            }
            buffer.onEpoch();
        }
    }

    private static List<Integer> all() {
        return IntStream.range(0, SAMPLES).boxed().toList();
    }

    private void feed(ReplayBuffer buffer, Task task, List<Integer> ids) {
        try (NDManager scope = manager.newSubManager()) {
            float[] data = new float[2 * ids.size()];
            float[] labels = new float[ids.size()];
            for (int i = 0; i < ids.size(); i++) {
                data[2 * i] = ids.get(i);
                labels[i] = ids.get(i) + 0.5f;
            }
            buffer.observe(
                    ObservedBatch.of(
                            task,
                            new NDList(scope.create(data, new Shape(ids.size(), 2))),
                            new NDList(scope.create(labels)),
                            new NDList(),
                            List.of()));
        }
    }

    private List<Integer> kept(ReplayBuffer buffer) {
        List<Integer> ids = new ArrayList<>();
        try (NDManager scope = manager.newSubManager()) {
            for (ReplayedBatch batch : buffer.draw(NEXT, 1000, scope)) {
                for (float label : batch.labels().head().toFloatArray()) {
                    ids.add((int) label);
                }
            }
        }
        return ids;
    }

    private static ReplayBuffer buffer(Selection selection, int budget, long seed) {
        return ReplayBuffer.builder()
                .optSelection(selection)
                .optBudget(Budget.ofSamples(budget))
                .optSeed(seed)
                .build();
    }
}
