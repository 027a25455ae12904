package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@link ReplaySource} promises, of samples that can be told apart. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
@ExtendWith(RuleReport.class)
public abstract class SourceContract {

    private static final int SAMPLES = 40;
    private static final int DRAWN = 16;
    private static final Observed FIRST = new Observed(Task.named("first"), 0, SAMPLES);
    private static final Observed SECOND = new Observed(Task.named("second"), 1, SAMPLES);

    private NDManager manager;

    /** Creates the contract. */
    protected SourceContract() {}

    /** Returns a new source with room for 200 samples at least. */
    protected abstract ReplaySource source();

    /** Returns whether it gives samples that it saw, and not such as it makes; yes here. */
    protected boolean givesWhatItSaw() {
        return true;
    }

    @BeforeEach
    void open() {
        manager = RequiredEngine.get().newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    @DisplayName("S1 MUST: before it saw anything there is nothing to draw")
    void beforeItSawAnythingThereIsNothing() {
        try (ReplaySource source = source()) {
            assertThat(source.tasks()).isEmpty();
            assertThat(source.available(FIRST.task())).as("samples available").isZero();
        }
    }

    @Test
    @DisplayName("S2 MUST: it draws as many as asked for, of all tasks but the unwanted one")
    void itDrawsOfAllTasksButTheUnwantedOne() {
        try (ReplaySource source = ofBoth()) {
            assertThat(source.tasks()).containsExactlyInAnyOrder("first", "second");
            List<ReplayedBatch> drawn = source.draw(SECOND.task(), DRAWN, manager);
            assertThat(drawn.stream().mapToInt(ReplayedBatch::size).sum())
                    .as("samples drawn")
                    .isEqualTo(DRAWN);
            assertThat(drawn.stream().flatMap(b -> b.tasks().stream())).containsOnly("first");
            assertThat(labels(drawn)).containsOnly(0f, 1f);
        }
    }

    @Test
    @DisplayName("S3 MUST: inputs and labels stay together")
    void inputsAndLabelsStayTogether() {
        try (ReplaySource source = ofBoth()) {
            for (ReplayedBatch batch : source.draw(Task.named("third"), DRAWN, manager)) {
                float[] inputs = batch.data().head().toFloatArray();
                float[] labels = batch.labels().head().toFloatArray();
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(inputs[2 * i + 1]).isCloseTo(Observed.TIMES * labels[i], within());
                }
            }
        }
    }

    @Test
    @DisplayName("S4 MUST: what it draws goes with the manager that was handed over")
    void whatItDrawsGoesWithTheManager() {
        try (ReplaySource source = ofBoth()) {
            drawAndClose(source);
            int before = LiveArrays.count();
            drawAndClose(source);
            LiveArrays.requireStill(
                    before,
                    "draw(...) once its manager was closed",
                    "attach what is drawn to that manager, and close all else");
        }
    }

    @Test
    @DisplayName("S5 MUST: closing it frees all that it held")
    void closingItFreesAll() {
        ofBoth().close();
        int before = LiveArrays.count();
        try (NDManager own = RequiredEngine.get().newBaseManager();
                ReplaySource source = source()) {
            FIRST.showTo(source, own);
        }
        LiveArrays.requireStill(
                before, "a source that was closed", "close in close() all that it holds");
    }

    @Test
    @DisplayName("S6 MUST: no more is there than was shown, and available tells how many")
    void availableTellsHowMany() {
        try (ReplaySource source = ofBoth()) {
            assumeTrue(givesWhatItSaw(), "it makes samples, as many as one wants");
            assertThat(source.available(FIRST.task())).isBetween(1L, (long) SAMPLES);
            List<ReplayedBatch> all = source.draw(FIRST.task(), 10 * SAMPLES, manager);
            assertThat(all.stream().mapToLong(ReplayedBatch::size).sum())
                    .as("samples drawn, where more than there are were asked for")
                    .isEqualTo(source.available(FIRST.task()));
        }
    }

    @Test
    @DisplayName("S7 MUST: a task whose training failed is forgotten as a whole")
    void aFailedTaskIsForgotten() {
        try (ReplaySource source = ofBoth()) {
            assertThat(source.forget(SECOND.task())).as("samples forgotten").isPositive();
            assertThat(source.tasks()).containsExactly("first");
            assertThat(source.available(FIRST.task())).as("samples available").isZero();
            assertThat(source.forget(SECOND.task())).as("forgotten a second time").isZero();
        }
    }

    @Test
    @DisplayName("S8 MUST: erasing a subject removes what is kept of it")
    void erasingASubjectRemovesIt() {
        assumeTrue(givesWhatItSaw(), "it keeps no sample of anybody");
        try (ReplaySource source = ofBoth()) {
            assertThat(source.erase("odd")).as("samples erased").isPositive();
            assertThat(source.erase("odd")).as("erased a second time").isZero();
            assertThat(labels(source.draw(Task.named("third"), 2 * SAMPLES, manager)))
                    .containsOnly(0f, 2f);
        }
    }

    @Test
    @DisplayName("S9 MUST: another process has what was saved")
    void anotherProcessHasWhatWasSaved() {
        try (ReplaySource source = ofBoth();
                ReplaySource later = source()) {
            KeptMemory memory = new KeptMemory(manager);
            source.save(memory);
            later.restore(memory);
            Observed third = new Observed(Task.named("third"), 2, 0);
            later.onTaskBegin(third.ended(manager));
            assertThat(later.tasks()).as("tasks restored").isEqualTo(source.tasks());
            assertThat(later.available(third.task()))
                    .as("samples restored")
                    .isEqualTo(source.available(third.task()));
            List<Float> drawn = labels(later.draw(third.task(), 2 * SAMPLES, manager));
            List<Float> before = labels(source.draw(third.task(), 2 * SAMPLES, manager));
            if (givesWhatItSaw()) {
                assertThat(drawn).containsExactlyInAnyOrderElementsOf(before);
            } else {
                assertThat(Set.copyOf(drawn)).isEqualTo(Set.copyOf(before));
            }
        }
    }

    @Test
    @DisplayName(
            "S10 MUST: rehearsed, it keeps what the unguarded control forgets, and a later task is"
                    + " learnt")
    void rehearsedItKeeps() {
        RehearsalGuard guard =
                RehearsalGuard.builder().setSource(source()).setName("your-source").build();
        try (Model model = SmallTasks.model();
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS, listener);
            FirstTask.requireKept(model, new LaterTask(1, false), listener);
        }
    }

    private ReplaySource ofBoth() {
        ReplaySource source = source();
        FIRST.showTo(source, manager);
        SECOND.showTo(source, manager);
        return source;
    }

    private void drawAndClose(ReplaySource source) {
        try (NDManager own = manager.newSubManager()) {
            source.draw(SECOND.task(), DRAWN, own);
        }
    }

    private static List<Float> labels(List<ReplayedBatch> batches) {
        List<Float> labels = new ArrayList<>();
        for (ReplayedBatch batch : batches) {
            for (float label : batch.labels().head().toFloatArray()) {
                labels.add(label);
            }
        }
        return labels;
    }

    private static Offset<Float> within() {
        return Offset.offset(1f);
    }
}
