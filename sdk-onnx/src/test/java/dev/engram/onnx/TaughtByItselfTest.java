package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.teacher.Teacher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ONNX file as it was after its first task teaches it while it learns the second. */
class TaughtByItselfTest {

    @TempDir Path folder;

    @Test
    void theTeacherAnswersAsTheFileDidAfterTheFirstTask() throws Exception {
        GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();
        OnnxBlock block = OnnxBlock.builder().setModel(GuardedTrainingTest.mlp(folder)).build();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Model model = Tasks.model(block)) {
            Taught guard = new Taught(points.batch(manager, 0));
            try (ForgettingListener listener =
                    ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
                points.fit(model, 0, 2, listener);
                float[] then = answers(block, guard.probe, manager);
                guard.seen.clear();
                points.fit(model, 1, 2, listener);
                assertThat(guard.seen).isNotEmpty().allSatisfy(f -> assertThat(f).isEqualTo(then));
                assertThat(answers(block, guard.probe, manager)).isNotEqualTo(then);
            }
        }
    }

    private static float[] answers(OnnxBlock block, NDList probe, NDManager manager) {
        return block.forward(new ParameterStore(manager, false), new NDList(probe), false)
                .head()
                .toFloatArray();
    }

    private static final class Taught implements ForgettingGuard {

        private final Teacher teacher = new Teacher("teacher");
        private final List<float[]> seen = new ArrayList<>();
        private final NDList probe;

        Taught(NDList probe) {
            this.probe = probe;
        }

        @Override
        public String name() {
            return "taught";
        }

        @Override
        public void onBackward(StepView step) {
            seen.add(teacher.answers(step.model(), probe).head().toFloatArray());
        }

        @Override
        public void onTaskEnd(FinishedTask task) {
            teacher.take(task.model(), task.manager());
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
