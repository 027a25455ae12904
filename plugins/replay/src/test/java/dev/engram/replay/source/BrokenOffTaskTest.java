package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task that is broken off, or whose process dies, costs earlier tasks no sample. */
class BrokenOffTaskTest {

    private static final Task OLD = Task.named("old");
    private static final Task BROKEN = Task.named("broken");
    private static final Task NEXT = Task.named("next");
    private static final int BUDGET = 30;

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
    void earlierTasksHaveAllTheirSamplesAsBefore(Selection selection) {
        try (ReplayBuffer buffer = inMemory(selection)) {
            learn(buffer, OLD, 0);
            List<Integer> before = kept(buffer, OLD);
            begin(buffer, BROKEN);
            feed(buffer, BROKEN, 100);
            assertThat(buffer.size()).isEqualTo(BUDGET);
            assertThat(kept(buffer, OLD)).hasSizeLessThan(BUDGET);
            assertThat(buffer.forget(BROKEN)).isPositive();
            assertThat(kept(buffer, OLD)).containsExactlyInAnyOrderElementsOf(before);
            assertThat(buffer.tasks()).containsExactly("old");
            // And what is learnt next gets its share.
            learn(buffer, NEXT, 200);
            assertThat(buffer.size()).isEqualTo(BUDGET);
            assertThat(kept(buffer, NEXT)).isNotEmpty();
        }
    }

    /** Another guard may fail at the end of a task, after this one has taken it in. */
    @Test
    void aTaskThatIsTakenBackAfterItsEndCostsNothingEither() {
        try (ReplayBuffer buffer = inMemory(Selection.CLASS_BALANCED)) {
            learn(buffer, OLD, 0);
            List<Integer> before = kept(buffer, OLD);
            learn(buffer, BROKEN, 100);
            buffer.forget(BROKEN);
            assertThat(kept(buffer, OLD)).containsExactlyInAnyOrderElementsOf(before);
            assertThat(buffer.size()).isEqualTo(BUDGET);
        }
    }

    @Test
    void theChoiceGoesOnAsIfTheBrokenTaskHadNeverBeen() {
        int[] next = new int[2];
        for (int trial = 0; trial < 200; trial++) {
            for (int broken = 0; broken < 2; broken++) {
                try (ReplayBuffer buffer =
                        ReplayBuffer.builder()
                                .optBudget(Budget.ofSamples(10))
                                .optSeed(trial)
                                .build()) {
                    learn(buffer, OLD, 0);
                    if (broken == 1) {
                        begin(buffer, BROKEN);
                        feed(buffer, BROKEN, 100);
                        buffer.forget(BROKEN);
                    }
                    learn(buffer, NEXT, 200);
                    next[broken] += kept(buffer, NEXT).size();
                }
            }
        }
        // Ten places, forty samples each of two tasks: half of the places, in either case.
        assertThat(next[0] / 200.0).isBetween(4.7, 5.3);
        assertThat(next[1] / 200.0).isBetween(4.7, 5.3);
    }

    @Test
    void whatATaskPushedOutGoesOnceItIsLearnt(@TempDir Path folder) {
        try (ReplayBuffer buffer = onDisk(folder)) {
            learn(buffer, OLD, 0);
            learn(buffer, NEXT, 200);
        }
        List<Long> stored = new ArrayList<>();
        try (DiskStore store = DiskStore.builder().setDirectory(folder).build()) {
            store.forEach(key -> stored.add(key.id()));
        }
        assertThat(stored).hasSize(BUDGET);
    }

    @Test
    void whatATaskPushedOutGoesWhenTheSourceIsCompactedAndNothingElse(@TempDir Path folder)
            throws IOException {
        Path copy = folder.resolve("copy");
        try (ReplayBuffer buffer = onDisk(folder.resolve("store"))) {
            learn(buffer, OLD, 0);
            learn(buffer, NEXT, 200);
            List<Integer> kept = kept(buffer, OLD);
            buffer.compact();
            assertThat(kept(buffer, OLD)).containsExactlyInAnyOrderElementsOf(kept);
            assertThat(buffer.size()).isEqualTo(BUDGET);
            copy(folder.resolve("store"), copy);
        }
        List<Long> stored = new ArrayList<>();
        try (DiskStore store = DiskStore.builder().setDirectory(copy).build()) {
            store.forEach(key -> stored.add(key.id()));
        }
        assertThat(stored).hasSize(BUDGET);
    }

    @Test
    void aProcessThatDiesWhileATaskTrainsCostsEarlierTasksNothing(@TempDir Path folder)
            throws IOException {
        List<Integer> before;
        Path copy = folder.resolve("copy");
        try (ReplayBuffer buffer = onDisk(folder.resolve("store"))) {
            learn(buffer, OLD, 0);
            before = kept(buffer, OLD);
            begin(buffer, BROKEN);
            feed(buffer, BROKEN, 100);
            buffer.draw(NEXT, 1, manager);
            copy(folder.resolve("store"), copy);
        }
        for (Task name : List.of(BROKEN, NEXT)) {
            Path again = folder.resolve("again-" + name.name());
            copy(copy, again);
            try (ReplayBuffer buffer = onDisk(again)) {
                begin(buffer, name);
                assertThat(buffer.tasks()).containsExactly("old");
                assertThat(kept(buffer, OLD)).containsExactlyInAnyOrderElementsOf(before);
            }
        }
    }

    @Test
    void samplesPutAsideAreErasedAndExpireLikeAllOthers() {
        try (ReplayBuffer buffer = inMemory(Selection.RING)) {
            learn(buffer, OLD, 0);
            begin(buffer, BROKEN);
            feed(buffer, BROKEN, 100);
            assertThat(buffer.erase("subject-" + OLD.name())).isEqualTo(BUDGET);
            buffer.forget(BROKEN);
            assertThat(buffer.size()).isZero();
        }
    }

    @Test
    void aMemoryWrittenWhileATaskTrainsHoldsWhatWasLearntBefore() {
        Written memory = new Written(manager);
        List<Integer> before;
        try (ReplayBuffer buffer = inMemory(Selection.RESERVOIR)) {
            learn(buffer, OLD, 0);
            before = kept(buffer, OLD);
            begin(buffer, BROKEN);
            feed(buffer, BROKEN, 100);
            buffer.save(memory);
        }
        try (ReplayBuffer restored = inMemory(Selection.RESERVOIR)) {
            restored.restore(memory);
            assertThat(kept(restored, OLD)).containsExactlyInAnyOrderElementsOf(before);
            assertThat(restored.tasks()).containsExactly("old");
        }
        memory.close();
    }

    private void learn(ReplayBuffer buffer, Task task, int first) {
        begin(buffer, task);
        feed(buffer, task, first);
        buffer.onTaskEnd(new Ended(task, manager));
    }

    private void begin(ReplayBuffer buffer, Task task) {
        buffer.onTaskBegin(new Begun(task, manager));
    }

    private void feed(ReplayBuffer buffer, Task task, int first) {
        for (int step = 0; step < 4; step++) {
            try (NDManager scope = manager.newSubManager()) {
                float from = first + 10f * step;
                NDList ids = new NDList(scope.arange(from, from + 10, 1f));
                NDList data = new NDList(ids.head().reshape(new Shape(10, 1)));
                List<String> who = Collections.nCopies(10, "subject-" + task.name());
                buffer.observe(ObservedBatch.of(task, data, ids, new NDList(), who));
            }
        }
    }

    /** Returns the numbers of the kept samples of a task. */
    private List<Integer> kept(ReplayBuffer buffer, Task task) {
        List<Integer> found = new ArrayList<>();
        try (NDManager scope = manager.newSubManager()) {
            for (ReplayedBatch batch : buffer.draw(Task.named("none"), 1000, scope)) {
                float[] ids = batch.labels().head().toFloatArray();
                for (int i = 0; i < ids.length; i++) {
                    if (batch.tasks().get(i).equals(task.name())) {
                        found.add((int) ids[i]);
                    }
                }
            }
        }
        return found;
    }

    private static ReplayBuffer inMemory(Selection selection) {
        return ReplayBuffer.builder()
                .optSelection(selection)
                .optBudget(Budget.ofSamples(BUDGET))
                .build();
    }

    private static ReplayBuffer onDisk(Path folder) {
        return ReplayBuffer.builder()
                .optBudget(Budget.ofSamples(BUDGET))
                .optStore(m -> DiskStore.builder().setDirectory(folder).build())
                .build();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private record Begun(Task task, NDManager manager) implements TrainingView {

        @Override
        public List<LiveParameter> parameters() {
            return List.of();
        }

        @Override
        public Loss loss() {
            return Loss.l2Loss();
        }
    }
}
