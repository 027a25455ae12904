package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.memory.LearntTask;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a task that broke off, or whose memory could not be written. */
class ToldTest {

    @TempDir private Path folder;
    private Path memory;
    private final Protecting guard = new Protecting();
    private Model model;

    @BeforeEach
    void pretrain() {
        memory = folder.resolve("memory");
        model = Points.model(1);
        Points.fit(model, 0);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aFirstTaskThatWasBrokenOffIsTriedAgainUnderItsNameAndNobodyElseIsBlamed()
            throws Exception {
        try (ForgettingListener listener = protecting()) {
            breakOff(listener);
            String said = Points.said(() -> Points.fit(model, 1, listener));
            assertThat(said)
                    .doesNotContain("trained without this listener")
                    .contains("weights that task \"task-1\" left when it was broken off")
                    .contains("what it could do after task \"base\" was guarded");
            assertThat(listener.tasks())
                    .extracting(LearntTask::name)
                    .containsExactly("base", "task-1");
            assertThat(Points.said(() -> Points.fit(model, 0, listener)))
                    .doesNotContain("broken off");
            assertThat(listener.tasks()).extracting(LearntTask::name).contains("task-2");
        }
    }

    @Test
    void weightsOfASecondTaskThatWasBrokenOffAreKnownToo() throws Exception {
        try (ForgettingListener listener = protecting()) {
            Points.fit(model, 1, listener);
            breakOff(listener);
            assertThat(Points.said(() -> Points.fit(model, 2, listener)))
                    .contains("weights that task \"task-2\" left when it was broken off");
            Points.fit(model, 3);
            assertThat(Points.said(() -> Points.fit(model, 2, listener)))
                    .contains("trained without this listener");
        }
    }

    @Test
    void aTaskThatCouldNotBeWrittenIsSaidNotToBeOnDiskAndToBeHeldInTheProcess() {
        try (ForgettingListener listener = protecting()) {
            Points.fit(model, 1, listener);
            guard.failsToSave = true;
            assertThatThrownBy(() -> Points.fit(model, 2, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("Task \"task-2\" is NOT on disk")
                    .hasMessageContaining("Guard \"recorder\" failed in save(...)")
                    .hasMessageContaining("no room")
                    .hasMessageContaining("In this process its guards hold it")
                    .hasMessageContaining("holds the tasks [base, task-1]");
            guard.failsToSave = false;
            try (ForgettingListener other = protecting()) {
                assertThat(other.tasks())
                        .extracting(LearntTask::name)
                        .containsExactly("base", "task-1");
            }
            Points.fit(model, 3, listener);
        }
        try (ForgettingListener next = protecting()) {
            assertThat(next.tasks())
                    .extracting(LearntTask::name)
                    .containsExactly("base", "task-1", "task-2", "task-3");
        }
    }

    @Test
    void aBaseThatTasksWereNotLearntOnIsRefusedInAnotherProcessWithoutMoreWords() throws Exception {
        try (ForgettingListener listener = isolating()) {
            Points.fit(model, 1, listener);
        }
        model.save(memory.resolveSibling("model"), "points");
        try (Model same = Points.model(3);
                ForgettingListener listener = isolating()) {
            same.load(memory.resolveSibling("model"), "points");
            assertThat(Points.said(() -> Points.fit(same, 2, listener))).doesNotContain("base");
        }
        try (Model other = Points.model(2);
                ForgettingListener listener = isolating()) {
            Points.fit(other, 0);
            String said =
                    Points.said(
                            () ->
                                    assertThatThrownBy(() -> Points.fit(other, 3, listener))
                                            .isInstanceOf(EngramException.class)
                                            .hasMessageContaining("base has other values in"));
            assertThat(said).doesNotContain("heard no batch");
        }
    }

    private ForgettingListener isolating() {
        return ForgettingListener.builder()
                .addIsolation(new FakeIsolation())
                .optMemory(memory)
                .build();
    }

    private ForgettingListener protecting() {
        return ForgettingListener.builder()
                .addGuard(guard)
                .optMemory(memory)
                .optBase(Base.PROTECT)
                .build();
    }

    private void breakOff(ForgettingListener listener) throws Exception {
        try (Trainer trainer = Points.trainer(model, listener);
                NDManager manager = model.getNDManager().newSubManager()) {
            for (Batch batch : Points.dataset(manager, 1).getData(manager)) {
                try (batch) {
                    EasyTrain.trainBatch(trainer, batch);
                    trainer.step();
                }
            }
        }
    }

    private static final class Protecting extends Recorder {

        private boolean failsToSave;

        @Override
        public boolean protectsBase() {
            return true;
        }

        @Override
        public void onBase(FinishedTask base) {}

        @Override
        public void save(MemoryWriter memory) {
            if (failsToSave) {
                throw new IllegalStateException("no room");
            }
        }
    }
}
