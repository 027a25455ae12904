package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.sleep.internal.weights.SleepFiles;
import dev.engram.tck.SmallTasks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What breaks a sleep off leaves the model as it was. */
class BrokenOffTest {

    @TempDir private static Path trained;
    @TempDir private Path folder;
    private Forgotten forgotten;

    @BeforeAll
    static void train() throws Exception {
        Forgotten.train(trained);
    }

    @BeforeEach
    void load() throws Exception {
        forgotten = new Forgotten(trained);
    }

    @AfterEach
    void close() {
        forgotten.close();
    }

    @Test
    void aMemoryThatCannotBeSettledLeavesTheModelAsItWas() {
        String before = Forgotten.sum(forgotten.model);
        Sleep sleep = forgotten.sleep().optDirectory(folder).optMemory(m -> new FullDisk()).build();
        assertThatThrownBy(() -> sleep.consolidate(forgotten.model))
                .isInstanceOf(EngramException.class)
                .hasMessage("no room");
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
        assertThatThrownBy(() -> sleep.recover(forgotten.model)).hasMessage("no room");
        assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
        Sleep later = forgotten.sleep().optDirectory(folder).build();
        assertThat(later.recover(forgotten.model)).isTrue();
    }

    @Test
    void anInterruptWhileTeachersAreLookedAtLooksAtNoOther() {
        String before = Forgotten.sum(forgotten.model);
        AtomicInteger asked = new AtomicInteger();
        try (Model first = teacher(() -> Thread.currentThread().interrupt());
                Model second = teacher(asked::incrementAndGet)) {
            SleepReport report =
                    forgotten
                            .sleep()
                            .addTeacher("first", first)
                            .addTeacher("second", second)
                            .build()
                            .consolidate(forgotten.model);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(report.outcome()).isEqualTo(SleepOutcome.INTERRUPTED);
            assertThat(report.tried()).contains("no time to look at second");
            assertThat(asked).hasValue(0);
            assertThat(Forgotten.sum(forgotten.model)).isEqualTo(before);
        }
    }

    private static Model teacher(Runnable whenAsked) {
        Model model = SmallTasks.model();
        model.setBlock(
                new LambdaBlock(
                        inputs -> {
                            whenAsked.run();
                            return inputs;
                        }));
        return model;
    }

    @Test
    void aStudentThatAKillLeftOnAWrongWayIsLeft() {
        ModelWeights weights = new ModelWeights(forgotten.model.getBlock());
        try (SleepFiles files = SleepFiles.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> lost = weights.copy(manager);
            lost.values().forEach(one -> one.muli(Float.NaN));
            files.keepStudent(lost, weights.sum());
        }
        SleepReport report =
                forgotten.sleep().optDirectory(folder).build().consolidate(forgotten.model);
        assertThat(report.isAccepted()).as(report.toString()).isTrue();
        assertThat(report.tried()).anyMatch(line -> line.startsWith("leaves an earlier sleep"));
    }

    /** A memory that cannot be written any more. */
    private static final class FullDisk implements SleepingMemory {

        @Override
        public List<String> tasks() {
            return List.of();
        }

        @Override
        public Optional<ReplaySource> source() {
            return Optional.empty();
        }

        @Override
        public void compact() {}

        @Override
        public Set<String> settle(Loss loss) {
            throw new EngramException("no room");
        }

        @Override
        public void close() {}
    }
}
