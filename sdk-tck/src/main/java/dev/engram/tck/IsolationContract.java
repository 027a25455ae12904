package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.task.Task;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.tasks.TaskHandle;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.autograd.RequiredEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link ParameterIsolation} promises, over a base that learnt the first of {@link
 * SmallTasks}.
 */
@Experimental(since = "0.1", implementedBy = "plug-ins")
@ExtendWith(RuleReport.class)
public abstract class IsolationContract {

    private static final int THREADS = 4;
    private static final int PASSES = 50;
    private static final double TOLERANCE = 1e-4;

    /** Creates the contract. */
    protected IsolationContract() {}

    /** Returns a new isolation. */
    protected abstract ParameterIsolation isolation();

    /**
     * Returns whether a task's outputs are at first those of the base, before it trained; yes here.
     */
    protected boolean startsAsTheBase() {
        return true;
    }

    /** Returns how many epochs it needs to learn one of {@link SmallTasks}; 30 here. */
    protected int epochs() {
        return 30;
    }

    @Test
    @DisplayName("I1 MUST: a new task's outputs are those of the base")
    void aNewTaskIsTheBase() {
        assumeTrue(startsAsTheBase(), "its tasks start elsewhere");
        try (Model model = base();
                TaskRegistry tasks = new TaskRegistry(model, isolation())) {
            tasks.add("new", (method, base) -> method.create(base, named("new")));
            assertThat(outputs(tasks.handle("new"), 1)).containsExactly(outputs(tasks.base(), 1));
        }
    }

    @Test
    @DisplayName("I2 MUST: a task is learnt, and the base stays as it was, bit for bit")
    void aTaskIsLearntOverABaseThatStays() {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            Weights before = Weights.of(model);
            double unlearnt = SmallTasks.accuracy(model, 1);
            SmallTasks.fit(model, 1, epochs(), listener);
            Weights.of(model).requireSame(before, "they are the base's, which must not train");
            TaskRegistry tasks = listener.tasks(model);
            assertThat(accuracy(model, tasks, "task-1", 1)).isGreaterThan(unlearnt + 0.1);
        }
    }

    @Test
    @DisplayName("I3 MUST: a task's outputs stay as they were while others are learnt")
    void aTaskStaysWhileOthersAreLearnt() {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 1, 3, listener);
            float[] before = outputs(listener.tasks(model).handle("task-1"), 1);
            SmallTasks.fit(model, 2, 3, listener);
            assertThat(outputs(listener.tasks(model).handle("task-1"), 1)).containsExactly(before);
        }
    }

    @Test
    @DisplayName("I4 MUST: another process has the same outputs from the memory directory")
    void anotherProcessHasTheSameOutputs(@TempDir Path memory) {
        try (Model model = base()) {
            float[] before;
            try (ForgettingListener first = remembering(memory)) {
                SmallTasks.fit(model, 1, 3, first);
                before = outputs(first.tasks(model).handle("task-1"), 1);
            }
            try (ForgettingListener later = remembering(memory)) {
                assertThat(later.tasks()).extracting(LearntTask::name).containsExactly("task-1");
                assertThat(outputs(later.tasks(model).handle("task-1"), 1)).containsExactly(before);
            }
        }
    }

    @Test
    @DisplayName("I5 MUST: requests of different tasks at once do not mix")
    void requestsAtOnceDoNotMix() throws Exception {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 1, 3, listener);
            SmallTasks.fit(model, 2, 3, listener);
            TaskRegistry tasks = listener.tasks(model);
            List<TaskHandle> handles =
                    List.of(tasks.handle("task-1"), tasks.handle("task-2"), tasks.base());
            List<float[]> alone = handles.stream().map(handle -> outputs(handle, 1)).toList();
            for (int asked : atOnce(handles, alone)) {
                assertThat(asked).as("passes with the outputs of one thread").isEqualTo(PASSES);
            }
        }
    }

    @Test
    @DisplayName("I6 MUST: passes leave the number of live arrays unchanged")
    void passesLeakNothing() {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 1, 1, listener);
            TaskHandle handle = listener.tasks(model).handle("task-1");
            outputs(handle, 1);
            int before = LiveArrays.count();
            for (int i = 0; i < PASSES; i++) {
                outputs(handle, 1);
            }
            LiveArrays.requireStill(
                    before, PASSES + " passes", "close what a pass makes beside its outputs");
        }
    }

    @Test
    @DisplayName("I7 MUST: the sum of one task at weight 1 is that task, bit for bit, or refused")
    void theSumOfOneTaskIsThatTask() {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 1, 3, listener);
            TaskRegistry tasks = listener.tasks(model);
            try {
                tasks.combine("sum", Map.of("task-1", 1.0));
            } catch (EngramException refused) {
                assumeTrue(false, refused.getMessage());
            }
            assertThat(outputs(tasks.handle("sum"), 1))
                    .containsExactly(outputs(tasks.handle("task-1"), 1));
        }
    }

    @Test
    @DisplayName("I8 MUST: a task that is built into the base has its outputs, or is refused")
    void aMergedTaskHasItsOutputs() {
        try (Model model = base();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 1, 3, listener);
            TaskRegistry tasks = listener.tasks(model);
            Weights before = Weights.of(model);
            float[] wanted = outputs(tasks.handle("task-1"), 1);
            try (NDManager manager = RequiredEngine.get().newBaseManager()) {
                tasks.merge("task-1", SmallTasks.inputs(manager, 1), TOLERANCE);
            } catch (EngramException refused) {
                Weights.of(model)
                        .requireSame(before, "the merging was refused, and the base changed");
                assumeTrue(false, refused.getMessage());
            }
            float[] merged = outputs(tasks.base(), 1);
            for (int i = 0; i < merged.length; i++) {
                assertThat((double) merged[i])
                        .isCloseTo(wanted[i], offset(TOLERANCE * (1 + Math.abs(wanted[i]))));
            }
        }
    }

    @Test
    @DisplayName("I9 MUST: given back, the base is as it was, bit for bit")
    void theBaseIsGivenBack() {
        try (Model model = base()) {
            Weights before = Weights.of(model);
            var block = model.getBlock();
            try (ForgettingListener listener = listener()) {
                SmallTasks.fit(model, 1, 3, listener);
                TaskRegistry tasks = listener.tasks(model);
                tasks.install();
                tasks.activate("task-1");
                SmallTasks.accuracy(model, 1);
                tasks.uninstall();
                assertThat(model.getBlock()).isSameAs(block);
                Weights.of(model).requireSame(before, "they are the base's, which was given back");
            }
            Weights.of(model).requireSame(before, "they are the base's, after closing");
        }
    }

    private static Task named(String name) {
        return Task.named(name);
    }

    private static Model base() {
        Model model = SmallTasks.model();
        SmallTasks.fit(model, 0, 5);
        return model;
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder().addIsolation(isolation()).build();
    }

    private ForgettingListener remembering(Path memory) {
        return ForgettingListener.builder().addIsolation(isolation()).optMemory(memory).build();
    }

    private static float[] outputs(TaskHandle handle, int task) {
        try (NDManager manager = RequiredEngine.get().newBaseManager()) {
            NDList inputs = SmallTasks.inputs(manager, task);
            return handle.predict(inputs).head().toFloatArray();
        }
    }

    private static double accuracy(Model model, TaskRegistry tasks, String task, int data) {
        tasks.install();
        tasks.activate(task);
        try {
            return SmallTasks.accuracy(model, data);
        } finally {
            tasks.uninstall();
        }
    }

    /** Returns how many passes of each thread had the outputs that they have alone. */
    private static List<Integer> atOnce(List<TaskHandle> handles, List<float[]> alone)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int of = i % handles.size();
                running.add(threads.submit(() -> equal(handles.get(of), alone.get(of))));
            }
            List<Integer> equal = new ArrayList<>();
            for (Future<Integer> done : running) {
                equal.add(done.get());
            }
            return equal;
        } finally {
            threads.shutdownNow();
        }
    }

    private static int equal(TaskHandle handle, float[] wanted) {
        int equal = 0;
        for (int i = 0; i < PASSES; i++) {
            equal += Arrays.equals(outputs(handle, 1), wanted) ? 1 : 0;
        }
        return equal;
    }

    private static Offset<Double> offset(double within) {
        return Offset.offset(within);
    }
}
