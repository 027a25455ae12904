package dev.engram.benchmark.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.DrawnDigits;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SolvedTeacherTest {

    private final TaskSequence sequence =
            TaskSequence.split(DrawnDigits.draw(1000, 200, 1), Scenario.CLASS, 2, 1);

    @Test
    void itKnowsTheTasksThatHaveEndedAndNoOther() {
        try (SolvedTeacher teacher = new SolvedTeacher(sequence, Protocol.SPLIT_500, 1);
                NDManager manager = NDManager.newBaseManager()) {
            teacher.onTaskEnd();
            teacher.onTaskEnd();
            assertThat(right(teacher, 0, manager)).isGreaterThan(0.7);
            assertThat(right(teacher, 1, manager)).isGreaterThan(0.7);
            assertThat(right(teacher, 2, manager)).isZero();
        }
    }

    private double right(SolvedTeacher teacher, int task, NDManager manager) {
        try (DeviceImages images = new DeviceImages(sequence.task(task).test(), manager)) {
            NDArray said = teacher.apply(new NDList(images.pixels())).head();
            NDArray hits = said.argMax(1).toType(DataType.INT64, false).eq(images.labels());
            return hits.toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }

    @Test
    void theTaughtStrategyCanBeBuilt() {
        try (ForgettingListener listener = TaughtVae.listener(UnaryOperator.identity())) {
            assertThat(listener.tasks()).isEmpty();
        }
    }
}
