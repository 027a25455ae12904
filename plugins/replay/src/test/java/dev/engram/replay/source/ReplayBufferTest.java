package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.disk.DiskStore;
import dev.engram.tck.LiveArrays;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplayBufferTest {

    private static final Task OLD = Task.named("old");
    private static final Task NEW = Task.named("new");

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void everySampleOfTheStreamStaysInTheReservoirWithTheSameProbability() {
        int[] kept = new int[40];
        for (int trial = 0; trial < 1000; trial++) {
            try (ReplayBuffer buffer = reservoir(10, trial)) {
                feed(buffer, OLD, 0, 40, 7);
                labels(buffer).forEach(id -> kept[id]++);
            }
        }
        assertUniform(kept, 1000, 10);
    }

    @Test
    void theReservoirStaysUniformThroughARestoreInTheMiddleOfTheStream() {
        int[] kept = new int[40];
        for (int trial = 0; trial < 1000; trial++) {
            Written memory = new Written(manager);
            try (ReplayBuffer buffer = reservoir(10, trial)) {
                feed(buffer, OLD, 0, 25, 7);
                buffer.save(memory);
            }
            try (ReplayBuffer restored = reservoir(10, -1)) {
                restored.restore(memory);
                feed(restored, OLD, 25, 15, 7);
                labels(restored).forEach(id -> kept[id]++);
            }
            memory.close();
        }
        assertUniform(kept, 1000, 10);
    }

    @Test
    void theReservoirStaysUniformOverThoseWhoAreLeftAfterAnErasure() {
        int[] kept = new int[40];
        int all = 0;
        for (int trial = 0; trial < 1000; trial++) {
            try (ReplayBuffer buffer = reservoir(10, trial)) {
                feed(buffer, OLD, 0, 30, 7);
                buffer.erase("subject-1");
                feed(buffer, OLD, 30, 10, 7);
                for (int id : labels(buffer)) {
                    kept[id]++;
                    all++;
                }
            }
        }
        // Subject 1 owns ids 1, 4, 7, ... below 30; they are gone, all others equally likely.
        double expected = all / 30.0;
        double chiSquare = 0;
        for (int id = 0; id < 40; id++) {
            if (id < 30 && id % 3 == 1) {
                assertThat(kept[id]).isZero();
            } else {
                chiSquare += (kept[id] - expected) * (kept[id] - expected) / expected;
            }
        }
        // 29 degrees of freedom: the 0.1 % quantile is 58.3; sampling without replacement is below.
        assertThat(chiSquare).isLessThan(58.3);
    }

    @Test
    void classesShareTheBudgetEquallyHoweverUnequallyTheyCome() {
        try (ReplayBuffer buffer = buffer(Selection.CLASS_BALANCED, Budget.ofSamples(30)).build()) {
            for (int i = 0; i < 50; i++) {
                classes(buffer, OLD, 0, 0, 0, 0, 0, 0, 1, i % 10 == 0 ? 2 : 0);
            }
            TreeMap<Integer, Integer> counts = new TreeMap<>();
            labels(buffer).forEach(label -> counts.merge(label, 1, Integer::sum));
            assertThat(counts.get(2)).isEqualTo(5);
            assertThat(counts.get(0) + counts.get(1)).isEqualTo(25);
            assertThat(Math.abs(counts.get(0) - counts.get(1))).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void noClassKeepsMoreThanItsOwnLimit() {
        Budget budget = Budget.of(1000, Long.MAX_VALUE, 4);
        try (ReplayBuffer buffer = buffer(Selection.CLASS_BALANCED, budget).build()) {
            classes(buffer, OLD, 0, 0, 0, 0, 0, 0, 1, 1);
            classes(buffer, OLD, 0, 0, 0, 0, 0, 0, 1, 1);
            assertThat(labels(buffer)).hasSize(8).containsOnly(0, 1);
        }
    }

    @Test
    void theRingKeepsTheNewestOfEachClass() {
        try (ReplayBuffer buffer = buffer(Selection.RING, Budget.ofSamples(8)).build()) {
            feed(buffer, OLD, 0, 40, 5);
            assertThat(labels(buffer)).containsExactlyInAnyOrder(32, 33, 34, 35, 36, 37, 38, 39);
        }
    }

    @Test
    void theGreedySamplerTakesNothingOfAFullClassAndMakesRoomForANewOne() {
        try (ReplayBuffer buffer = buffer(Selection.GREEDY_BALANCED, Budget.ofSamples(8)).build()) {
            classes(buffer, OLD, 0, 0, 0, 0, 0, 0, 0, 0);
            classes(buffer, OLD, 0, 0, 0, 0);
            assertThat(labels(buffer)).hasSize(8).containsOnly(0);
            classes(buffer, OLD, 1, 1);
            classes(buffer, OLD, 1, 1, 1, 1, 1, 1);
            List<Integer> now = labels(buffer);
            assertThat(now).hasSize(8);
            assertThat(now.stream().filter(label -> label == 1)).hasSize(4);
        }
    }

    @Test
    void aBudgetInBytesCountsWhatIsStored() {
        // 2 float32 inputs and a float32 label are 12 bytes, with uint8 inputs 6.
        ReplayBuffer.Builder plain = buffer(Selection.RESERVOIR, Budget.ofBytes(120));
        ReplayBuffer.Builder small =
                buffer(Selection.RESERVOIR, Budget.ofBytes(120))
                        .optStorage(Storage.uint8(-100, 100));
        try (ReplayBuffer wide = plain.build();
                ReplayBuffer narrow = small.build()) {
            feed(wide, OLD, 0, 40, 7);
            feed(narrow, OLD, 0, 40, 7);
            assertThat(wide.size()).isEqualTo(10);
            assertThat(narrow.size()).isEqualTo(20);
        }
    }

    @Test
    void smallStorageLosesNoMoreThanItSays() {
        for (Storage storage : List.of(Storage.uint8(-1, 1), Storage.half())) {
            try (ReplayBuffer buffer =
                    buffer(Selection.RESERVOIR, Budget.ofSamples(50)).optStorage(storage).build()) {
                NDArray data = manager.randomUniform(-1, 1, new Shape(50, 3));
                NDArray labels = manager.arange(50f);
                buffer.observe(observed(OLD, new NDList(data), new NDList(labels)));
                ReplayedBatch drawn = buffer.draw(NEW, 50, manager).get(0);
                NDArray sorted = drawn.data().head().get(drawn.labels().head().argSort());
                assertThat(sorted.getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat((double) sorted.sub(data).abs().max().getFloat())
                        .isPositive()
                        .isLessThanOrEqualTo(2.0 / 510 + 1e-6);
            }
        }
    }

    @Test
    void inputsOutsideTheRangeOfTheStorageAreRefused() {
        try (ReplayBuffer buffer =
                buffer(Selection.RESERVOIR, Budget.ofSamples(5))
                        .optStorage(Storage.uint8(0, 1))
                        .build()) {
            assertThatThrownBy(() -> feed(buffer, OLD, 0, 5, 5))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("inputs go from -4.0 to 4.0");
        }
    }

    @Test
    void onlyOtherTasksAreDrawnAndNoSampleTwice() {
        try (ReplayBuffer buffer = reservoir(100, 1)) {
            feed(buffer, OLD, 0, 20, 7);
            feed(buffer, NEW, 20, 20, 7);
            assertThat(buffer.available(NEW)).isEqualTo(20);
            ReplayedBatch drawn = buffer.draw(NEW, 20, manager).get(0);
            assertThat(drawn.tasks()).containsOnly("old");
            assertThat(ids(drawn)).doesNotHaveDuplicates().allMatch(id -> id < 20);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Selection.class, names = "HERDING", mode = EnumSource.Mode.EXCLUDE)
    void dictionariesSeveralLabelsSequencesAndRegressionGoThroughEverySelection(
            Selection selection) {
        try (ReplayBuffer buffer = buffer(selection, Budget.ofSamples(12)).build()) {
            for (int step = 0; step < 6; step++) {
                NDArray tokens = manager.ones(new Shape(4, 3 + step % 3), DataType.INT64);
                tokens.setName("tokens");
                NDArray dense = manager.full(new Shape(4, 2), step + 0.25f);
                dense.setName("dense");
                NDArray target = manager.full(new Shape(4, 1), step + 0.5f);
                NDArray second = manager.full(new Shape(4), step + 0.25f);
                buffer.observe(
                        observed(OLD, new NDList(tokens, dense), new NDList(target, second)));
            }
            assertThat(buffer.size()).isEqualTo(12);
            int drawn = 0;
            for (ReplayedBatch batch : buffer.draw(NEW, 12, manager)) {
                drawn += batch.size();
                NDArray dense = batch.data().get("dense");
                assertThat(batch.data().get("tokens").getDataType()).isEqualTo(DataType.INT64);
                assertThat(batch.data().get("tokens").getShape().get(0)).isEqualTo(batch.size());
                assertThat(batch.labels().get(0).getShape()).isEqualTo(new Shape(batch.size(), 1));
                NDArray beside = batch.labels().get(1).reshape(new Shape(-1, 1));
                assertThat(dense.sub(beside).abs().max().getFloat()).isZero();
            }
            assertThat(drawn).isEqualTo(12);
        }
    }

    @Test
    void predictionsAreKeptBesideTheirSamplesWhenAskedFor() {
        try (ReplayBuffer buffer =
                buffer(Selection.RESERVOIR, Budget.ofSamples(7)).optPredictions(true).build()) {
            NDArray ids = manager.arange(20f);
            NDArray wide = ids.reshape(new Shape(20, 1));
            buffer.observe(
                    ObservedBatch.of(
                            OLD,
                            new NDList(wide),
                            new NDList(ids),
                            new NDList(wide.mul(3)),
                            List.of()));
            ReplayedBatch drawn = buffer.draw(NEW, 7, manager).get(0);
            assertThat(drawn.predictions().head()).isEqualTo(drawn.data().head().mul(3));
        }
    }

    @Test
    void samplesLeaveWhenTheirTimeIsOver() {
        AtomicLong now = new AtomicLong(1_000_000);
        InstantSource source = () -> Instant.ofEpochMilli(now.get());
        Clock clock = source.withZone(ZoneOffset.UTC);
        try (ReplayBuffer buffer =
                buffer(Selection.RESERVOIR, Budget.ofSamples(100))
                        .optTimeToLive(Duration.ofSeconds(10))
                        .optClock(clock)
                        .build()) {
            feed(buffer, OLD, 0, 10, 5);
            now.addAndGet(6_000);
            feed(buffer, OLD, 10, 10, 5);
            now.addAndGet(6_000);
            // More than are left: all that are left come, and nothing breaks.
            assertThat(ids(buffer.draw(NEW, 20, manager).get(0)))
                    .hasSize(10)
                    .allMatch(id -> id >= 10);
            assertThat(buffer.size()).isEqualTo(10);
        }
    }

    @Test
    void aDiskStoreGoesOnWhereTheLastProcessStoppedAndReadsAhead(@TempDir Path directory) {
        List<Integer> before;
        try (ReplayBuffer buffer = onDisk(directory)) {
            feed(buffer, OLD, 0, 200, 16);
            before = labels(buffer);
            for (int i = 0; i < 20; i++) {
                ReplayedBatch drawn = buffer.draw(NEW, 8, manager).get(0);
                assertThat(before).containsAll(ids(drawn));
                assertPairs(drawn);
            }
        }
        try (ReplayBuffer again = onDisk(directory)) {
            again.restore(new Written(manager));
            assertThat(labels(again)).containsExactlyInAnyOrderElementsOf(before);
            feed(again, OLD, 200, 2000, 16);
            assertThat(again.size()).isEqualTo(30);
        }
    }

    @Test
    void anotherFormOfStorageOverTheSameStoreIsRefused(@TempDir Path directory) {
        try (ReplayBuffer buffer = onDisk(directory)) {
            feed(buffer, OLD, 0, 20, 5);
        }
        try (ReplayBuffer other =
                buffer(Selection.RESERVOIR, Budget.ofSamples(30))
                        .optStorage(Storage.half())
                        .optStore(m -> DiskStore.builder().setDirectory(directory).build())
                        .build()) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> feed(other, OLD, 0, 5, 5))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("as they are, but float16");
            }
        }
    }

    @Test
    void fewerPlacesThanClassesDoNotCostTheOldestTasksAll() {
        int oldest = 0;
        for (int trial = 0; trial < 20; trial++) {
            try (ReplayBuffer buffer =
                    buffer(Selection.CLASS_BALANCED, Budget.ofSamples(8)).optSeed(trial).build()) {
                for (int task = 0; task < 4; task++) {
                    classes(buffer, Task.named("t" + task), 0, 1, 2, 3);
                }
                oldest += (int) (8 - buffer.available(Task.named("t0")));
            }
        }
        assertThat(oldest).isPositive();
    }

    @Test
    void anotherSelectionOverTheSameStoreIsRefused(@TempDir Path directory) {
        try (ReplayBuffer buffer = onDisk(directory)) {
            feed(buffer, OLD, 0, 20, 5);
        }
        try (ReplayBuffer other =
                buffer(Selection.RING, Budget.ofSamples(30))
                        .optStore(m -> DiskStore.builder().setDirectory(directory).build())
                        .build()) {
            assertThatThrownBy(() -> feed(other, OLD, 0, 5, 5))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("RESERVOIR")
                    .hasMessageContaining("RING");
        }
    }

    @Test
    void observingAndDrawingLeavesNoArrayBehind() {
        try (ReplayBuffer buffer = reservoir(50, 1)) {
            feed(buffer, OLD, 0, 200, 10);
            int before = LiveArrays.count();
            for (int i = 0; i < 1000; i++) {
                try (NDManager step = manager.newSubManager()) {
                    NDArray data = step.ones(new Shape(4, 2));
                    buffer.observe(
                            observed(NEW, new NDList(data), new NDList(step.ones(new Shape(4)))));
                    int count = (int) Math.min(5, buffer.available(NEW));
                    buffer.draw(NEW, count, step);
                }
            }
            assertThat(LiveArrays.count()).isEqualTo(before);
        }
    }

    private ReplayBuffer reservoir(int samples, long seed) {
        return buffer(Selection.RESERVOIR, Budget.ofSamples(samples)).optSeed(seed).build();
    }

    private static ReplayBuffer onDisk(Path directory) {
        return buffer(Selection.RESERVOIR, Budget.ofSamples(30))
                .optStore(m -> DiskStore.builder().setDirectory(directory).build())
                .build();
    }

    private static ReplayBuffer.Builder buffer(Selection selection, Budget budget) {
        return ReplayBuffer.builder().optSelection(selection).optBudget(budget);
    }

    private void feed(ReplayBuffer buffer, Task task, int first, int count, int batch) {
        for (int from = first; from < first + count; from += batch) {
            int size = Math.min(batch, first + count - from);
            try (NDManager scope = manager.newSubManager()) {
                float[] data = new float[2 * size];
                float[] labels = new float[size];
                for (int i = 0; i < size; i++) {
                    data[2 * i] = from + i;
                    data[2 * i + 1] = -(from + i);
                    labels[i] = from + i;
                }
                // Two numbers a label would be a class each: fractions make them a regression.
                NDArray label = scope.create(labels).add(0.5f);
                buffer.observe(
                        ObservedBatch.of(
                                task,
                                new NDList(scope.create(data, new Shape(size, 2))),
                                new NDList(label),
                                new NDList(),
                                IntStream.range(from, from + size)
                                        .mapToObj(i -> "subject-" + i % 3)
                                        .toList()));
            }
        }
    }

    private void classes(ReplayBuffer buffer, Task task, long... labels) {
        NDArray data = manager.zeros(new Shape(labels.length, 2));
        buffer.observe(observed(task, new NDList(data), new NDList(manager.create(labels))));
    }

    private static ObservedBatch observed(Task task, NDList data, NDList labels) {
        return ObservedBatch.of(task, data, labels, new NDList(), List.of());
    }

    private List<Integer> labels(ReplayBuffer buffer) {
        List<Integer> all = new ArrayList<>();
        for (ReplayedBatch batch :
                buffer.draw(NEW, (int) buffer.available(NEW), manager.newSubManager())) {
            all.addAll(ids(batch));
        }
        return all;
    }

    private static List<Integer> ids(ReplayedBatch batch) {
        List<Integer> ids = new ArrayList<>();
        NDArray label = batch.labels().head().toType(DataType.FLOAT32, true);
        for (float value : label.toFloatArray()) {
            ids.add((int) value);
        }
        return ids;
    }

    private static void assertPairs(ReplayedBatch batch) {
        float[] data = batch.data().head().toFloatArray();
        List<Integer> ids = ids(batch);
        for (int i = 0; i < ids.size(); i++) {
            assertThat(data[2 * i]).isEqualTo((float) ids.get(i));
            assertThat(data[2 * i + 1]).isEqualTo((float) -ids.get(i));
        }
    }

    private static void assertUniform(int[] kept, int trials, int capacity) {
        double expected = (double) trials * capacity / kept.length;
        double chiSquare = 0;
        for (int count : kept) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        // Sampling without replacement shrinks the variance; 39 degrees of freedom, 0.1 %: 72.1.
        double shrunk = chiSquare / (1 - (double) capacity / kept.length);
        assertThat(shrunk * (kept.length - 1) / kept.length).isCloseTo(39, within(33.1));
    }
}
