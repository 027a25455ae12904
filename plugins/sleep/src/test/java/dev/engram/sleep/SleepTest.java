package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.sleep.internal.pace.Unseen;
import dev.engram.sleep.internal.weights.SleepFiles;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SleepTest {

    @TempDir private static Path trained;
    @TempDir private Path folder;
    private Path directory;
    private Forgotten forgotten;

    @BeforeAll
    static void train() throws Exception {
        Forgotten.train(trained);
    }

    @BeforeEach
    void load() throws Exception {
        directory = folder.resolve("sleep");
        forgotten = new Forgotten(trained);
    }

    @AfterEach
    void close() {
        forgotten.close();
    }

    @Test
    void winsBackWhatWasForgottenAndLosesNothingOfTheNewTask() {
        double first = forgotten.accuracy(0);
        double second = forgotten.accuracy(Forgotten.SECOND);
        SleepReport report = forgotten.sleep().build().consolidate(forgotten.model);
        assertThat(report.outcome()).as(report.toString()).isEqualTo(SleepOutcome.ACCEPTED);
        assertThat(forgotten.accuracy(0)).isGreaterThan(first + 0.1);
        assertThat(forgotten.accuracy(Forgotten.SECOND)).isGreaterThan(second - 0.1);
        assertThat(report.probes())
                .extracting(ProbeResult::task)
                .containsExactly("task-0", "task-4");
        assertThat(report.toString()).contains("better at [task-0]", "earlier", "before");
    }

    @Test
    void aDryRunSaysWhatItWouldGainAndTouchesNeitherModelNorDirectory() {
        String before = Forgotten.sum(forgotten.model);
        SleepReport report =
                forgotten.sleep().optDirectory(directory).build().dryRun(forgotten.model);
        assertThat(report.isAccepted()).isTrue();
        assertThat(report.isDryRun()).isTrue();
        assertThat(report.probes().get(0).after())
                .isGreaterThan(report.probes().get(0).before() + 0.1);
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
        assertThat(directory).doesNotExist();
    }

    @Test
    void aModelWhoseTeachersKnowNoMoreIsLeftAsItIs() {
        String before = Forgotten.sum(forgotten.model);
        SleepReport report =
                forgotten
                        .judged()
                        .addSource(new KnownSource(0, Forgotten.SECOND))
                        .build()
                        .consolidate(forgotten.model);
        assertThat(report.outcome()).isEqualTo(SleepOutcome.REFUSED);
        assertThat(report.reason()).contains("no teacher answers any probe better");
        assertThat(report.steps()).isZero();
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
    }

    @Test
    void whatWinsATaskAndLosesAnotherIsRefusedBitForBit() {
        String before = Forgotten.sum(forgotten.model);
        SleepReport report =
                forgotten
                        .judged()
                        .addSource(new KnownSource(0))
                        .addTeacher("earlier", forgotten.earlier)
                        .optMargin(0)
                        .optSignificance(0.05)
                        .optLearningRate(0.3)
                        .optSteps(50)
                        .build()
                        .consolidate(forgotten.model);
        assertThat(report.outcome()).as(report.toString()).isEqualTo(SleepOutcome.REFUSED);
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
    }

    @Test
    void anInterruptLeavesTheModelAndTheNextSleepGoesOnFromThere() {
        String before = Forgotten.sum(forgotten.model);
        Sleep.Builder settings =
                forgotten.sleep().optDirectory(directory).optCheckpointEvery(Duration.ZERO);
        SleepReport report =
                settings.optProgress(new Interrupting(4)).build().consolidate(forgotten.model);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.outcome()).isEqualTo(SleepOutcome.INTERRUPTED);
        assertThat(report.steps()).isBetween(1L, 299L);
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
        assertThat(directory.resolve("student.safetensors")).exists();

        SleepReport next = settings.optProgress(new Unseen()).build().consolidate(forgotten.model);
        assertThat(next.isAccepted()).isTrue();
        assertThat(next.tried()).anyMatch(line -> line.startsWith("goes on from an earlier sleep"));
        assertThat(directory.resolve("student.safetensors")).doesNotExist();
    }

    @Test
    void aThreadThatWasInterruptedBeforeDoesNotLearn() {
        String before = Forgotten.sum(forgotten.model);
        Thread.currentThread().interrupt();
        SleepReport report =
                forgotten.sleep().optDirectory(directory).build().consolidate(forgotten.model);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.outcome()).isEqualTo(SleepOutcome.INTERRUPTED);
        assertThat(report.steps()).isZero();
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
    }

    @Test
    void aDamagedStudentIsLearntAnew() throws Exception {
        Sleep.Builder settings =
                forgotten.sleep().optDirectory(directory).optCheckpointEvery(Duration.ZERO);
        settings.optProgress(new Interrupting(4)).build().consolidate(forgotten.model);
        assertThat(Thread.interrupted()).isTrue();
        Path file = directory.resolve("student.safetensors");
        damage(file);
        SleepReport next = settings.optProgress(new Unseen()).build().consolidate(forgotten.model);
        assertThat(next.isAccepted()).isTrue();
        assertThat(next.tried()).noneMatch(line -> line.contains("goes on"));
    }

    private static void damage(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 9] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void whatWasAcceptedIsGivenOnceToTheWeightsThatItWasLearntOf() throws Exception {
        try (Model unsaved = Forgotten.loaded(trained.resolve("before"))) {
            Sleep sleep = forgotten.sleep().optDirectory(directory).build();
            assertThat(sleep.recover(unsaved)).isFalse();
            assertThat(sleep.consolidate(forgotten.model).isAccepted()).isTrue();
            assertThat(sleep.recover(unsaved)).isTrue();
            assertThat(Forgotten.sum(unsaved)).isEqualTo(Forgotten.sum(forgotten.model));
            assertThat(sleep.recover(unsaved)).isFalse();
            assertThat(sleep.recover(forgotten.earlier)).isFalse();
        }
    }

    @Test
    void whatWasAcceptedAndIsDamagedIsGivenToNobody() throws Exception {
        try (Model unsaved = Forgotten.loaded(trained.resolve("before"))) {
            String before = Forgotten.sum(unsaved);
            Sleep sleep = forgotten.sleep().optDirectory(directory).build();
            assertThat(sleep.consolidate(forgotten.model).isAccepted()).isTrue();
            damage(directory.resolve("accepted.safetensors"));
            assertThat(sleep.recover(unsaved)).isFalse();
            assertThat(Forgotten.sum(unsaved)).isEqualTo(before);
        }
    }

    @Test
    void leavesNoArrayBehind() {
        Sleep sleep = forgotten.sleep().optDirectory(directory).optSteps(30).build();
        sleep.consolidate(forgotten.model);
        int arrays = LiveArrays.count();
        sleep.consolidate(forgotten.model);
        sleep.dryRun(forgotten.model);
        assertThat(LiveArrays.count()).isEqualTo(arrays);
    }

    @Test
    void aStudentThatStillRisesOnTheWholeGoesOnThoughATaskHasFallen() {
        SleepReport report =
                forgotten.sleep().optMargin(0).optPatience(1).build().consolidate(forgotten.model);
        assertThat(report.steps()).as(report.toString()).isGreaterThan(25);
    }

    @Test
    void whatATrainingLeftTeaches() throws Exception {
        try (Model model = SmallTasks.model()) {
            SmallTasks.fit(model, 0, 10, WeightsFollower.in(directory).keeping(2));
            SmallTasks.fit(model, Forgotten.SECOND, 20, WeightsFollower.in(directory).keeping(2));
            double first = SmallTasks.accuracy(model, 0);
            SleepReport report =
                    forgotten
                            .judged()
                            .addSource(new KnownSource(0, Forgotten.SECOND))
                            .optDirectory(directory)
                            .build()
                            .consolidate(model);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
            assertThat(report.tried()).anyMatch(line -> line.startsWith("left by training 1 "));
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(first + 0.1);
        }
    }

    @Test
    void saysOfWhichTasksNothingTellsWhetherTheyFall() {
        SleepReport report =
                forgotten
                        .sleep()
                        .addSource(new KnownSource(0, 2))
                        .optSteps(1)
                        .build()
                        .dryRun(forgotten.model);
        assertThat(report.tried())
                .contains("no probe (addProbe) tells whether task-2 falls")
                .noneMatch(line -> line.contains("whether task-0"));
    }

    @Test
    void twoSourcesOfOneTaskMakeOneProbe() {
        SleepReport report =
                Sleep.builder()
                        .addSource(new LabelledSource(0))
                        .addSource(new LabelledSource(0))
                        .addTeacher("earlier", forgotten.earlier)
                        .optSteps(1)
                        .optMargin(1)
                        .optSignificance(0.5)
                        .optLearningRate(3e-3)
                        .build()
                        .dryRun(forgotten.model);
        assertThat(report.probes()).hasSize(1);
        assertThat(report.probes().get(0).samples()).isEqualTo(SmallTasks.SAMPLES / 2);
    }

    @Test
    void theBudgetEndsIt() {
        SleepReport report =
                forgotten
                        .sleep()
                        .optSteps(Integer.MAX_VALUE)
                        .optPatience(Integer.MAX_VALUE)
                        .optBudget(Duration.ofMillis(300))
                        .build()
                        .consolidate(forgotten.model);
        assertThat(report.outcome()).isNotEqualTo(SleepOutcome.INTERRUPTED);
    }

    @Test
    void frozenParametersStayAsTheyAre() {
        var frozen = forgotten.model.getBlock().getParameters().valueAt(0);
        frozen.freeze(true);
        float[] before = frozen.getArray().toFloatArray();
        forgotten.sleep().build().consolidate(forgotten.model);
        assertThat(frozen.getArray().toFloatArray()).isEqualTo(before);
    }

    @Test
    void aDirectoryIsOfOneSleepAtATime() {
        try (SleepFiles held = SleepFiles.open(directory)) {
            assertThat(held).isNotNull();
            Sleep sleep = forgotten.sleep().optDirectory(directory).build();
            assertThatThrownBy(() -> sleep.consolidate(forgotten.model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("Another sleep holds");
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> Sleep.builder().optMargin(-1).optLabels(2).build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optMargin(-1.0)")
                .hasMessageContaining("optLabels(2.0)")
                .hasMessageContaining("nothing to learn from");
        assertThatThrownBy(() -> Sleep.builder().optMargin(-1).optSignificance(0).build())
                .hasMessageContaining("optMargin(-1.0): give a finite number of 0 or more")
                .hasMessageContaining("optSignificance(0.0): give a number above 0 and below 1")
                .message()
                .doesNotContainPattern("\\dE-?\\d");
        Sleep blind = Sleep.builder().addSource(new KnownSource(0)).build();
        assertThatThrownBy(() -> blind.consolidate(forgotten.model))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Nothing tells whether a task falls");
        try (Model empty = SmallTasks.model()) {
            assertThatThrownBy(() -> blind.consolidate(empty))
                    .hasMessageContaining("parameters without values");
        }
    }
}
