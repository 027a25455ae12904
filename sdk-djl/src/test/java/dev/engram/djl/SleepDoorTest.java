package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayDriver;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.sleep.SettlingGuard;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What works on a model between trainings, seen by the listener that guards it. */
class SleepDoorTest {

    private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

    @TempDir private Path folder;
    private final Model model = Points.model(1);
    private final Settling guard = new Settling();

    @AfterEach
    void close() {
        model.close();
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder()
                .addGuard(guard)
                .optMemory(folder.resolve("memory"))
                .build();
    }

    @Test
    void guardsSeeTheMovedWeightsWithSamplesOfEachTaskAndTheNextTrainingKnowsThem()
            throws Exception {
        try (ForgettingListener listener = listener()) {
            learnTwo(listener);
            try (SleepingMemory memory = listener.sleeping(model)) {
                assertThat(memory.tasks()).containsExactly("a", "b");
                move();
                memory.compact();
                assertThat(memory.settle(LOSS)).containsExactly("settling");
            }
            assertThat(guard.seen).containsExactly("a: 6", "b: 6");
            assertThat(guard.source.compacted).isEqualTo(1);
            String said = Points.said(() -> Points.fit(model, 0, listener));
            assertThat(said).doesNotContain("other weights");
        }
        try (var files = Files.list(folder.resolve("memory"))) {
            assertThat(files.filter(f -> f.toString().contains("generation-"))).hasSize(2);
        }
    }

    @Test
    void whereATaskHasNoSamplesLeftNoneAreShown() {
        guard.source.drawn = List.of("b");
        try (ForgettingListener listener = listener()) {
            learnTwo(listener);
            try (SleepingMemory memory = listener.sleeping(model)) {
                assertThat(memory.settle(LOSS)).containsExactly("settling");
            }
            assertThat(guard.seen).isEmpty();
        }
    }

    @Test
    void aGuardThatFailsHoldsWhatItHeldAndIsTold() {
        guard.fails = true;
        try (ForgettingListener listener = listener()) {
            learnTwo(listener);
            String said =
                    Points.said(
                            () -> {
                                try (SleepingMemory memory = listener.sleeping(model)) {
                                    assertThat(memory.settle(LOSS)).isEmpty();
                                }
                            });
            assertThat(said).contains("stays as it was").contains("settling");
        }
    }

    @Test
    void gradientsAndArraysAreAsTheyWere() {
        try (ForgettingListener listener = listener()) {
            learnTwo(listener);
            int arrays = arrays();
            try (SleepingMemory memory = listener.sleeping(model)) {
                memory.settle(LOSS);
            }
            assertThat(arrays()).isEqualTo(arrays);
        }
    }

    private static int arrays() {
        try (NDManager any = NDManager.newBaseManager()) {
            return any.getParentManager().getManagedArrays().size();
        }
    }

    @Test
    void nothingSleepsWhileATrainerTrains() {
        try (ForgettingListener listener = listener();
                Trainer trainer = Points.trainer(model, listener)) {
            Points.fit(trainer, 0, 1);
            assertThatThrownBy(() -> listener.sleeping(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("Close the trainer first");
        }
    }

    @Test
    void tasksWithParametersOfTheirOwnForgetNothing() {
        try (ForgettingListener listener =
                ForgettingListener.builder().addIsolation(new FakeIsolation()).build()) {
            assertThatThrownBy(() -> listener.sleeping(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("none of them is forgotten");
        }
    }

    @Test
    void aHeadThatIsSolvedForgetsNothing() {
        guard.roles = Set.of(Role.SOLVED_HEAD);
        try (ForgettingListener listener = listener()) {
            assertThatThrownBy(() -> listener.sleeping(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("The last layer is solved by [settling]");
        }
    }

    private void learnTwo(ForgettingListener listener) {
        for (String task : List.of("a", "b")) {
            listener.nextTask(task);
            Points.fit(model, task.equals("a") ? 0 : 1, listener);
        }
    }

    private void move() {
        try (var handle = model.getBlock().getParameters().valueAt(0).getArray().stopGradient()) {
            handle.addi(0.5f);
        }
    }

    /** Keeps in mind what it was shown. */
    private static final class Settling implements SettlingGuard, ReplayDriver {

        private final List<String> seen = new ArrayList<>();
        private final Zeros source = new Zeros();
        private Set<String> roles = Set.of();
        private boolean fails;

        @Override
        public String name() {
            return "settling";
        }

        @Override
        public Set<String> roles() {
            return roles;
        }

        @Override
        public void onSettled(TrainingView now, List<FinishedTask> tasks) {
            if (fails) {
                throw new IllegalStateException("no licence");
            }
            assertThat(now.parameters()).isNotEmpty();
            tasks.forEach(task -> seen.add(task.task() + ": " + task.sampleCount()));
        }

        @Override
        public ReplaySource source() {
            return source;
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }

    /** Keeps nothing, and draws six zeros of each task. */
    private static final class Zeros implements ReplaySource {

        private List<String> drawn = List.of("a", "b");
        private int compacted;

        @Override
        public void compact() {
            compacted++;
        }

        @Override
        public void observe(ObservedBatch batch) {}

        @Override
        public Set<String> tasks() {
            return Set.copyOf(drawn);
        }

        @Override
        public long forget(Task task) {
            return 0;
        }

        @Override
        public long available(Task unwanted) {
            return 6L * drawn.size();
        }

        @Override
        public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                names.add(drawn.get(i * drawn.size() / size));
            }
            return List.of(
                    ReplayedBatch.of(
                            new NDList(manager.zeros(new Shape(size, 4))),
                            new NDList(manager.zeros(new Shape(size))),
                            new NDList(),
                            names,
                            manager));
        }

        @Override
        public long erase(String subject) {
            return 0;
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}

        @Override
        public void close() {}
    }
}
