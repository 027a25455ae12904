package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskChooserTest {

    @TempDir Path directory;

    private Model model;
    private ForgettingListener memory;
    private NDManager manager;
    private TaskRegistry tasks;

    @BeforeEach
    void trainTwoTasks() {
        model = Bases.ENCODER.model();
        memory =
                ForgettingListener.builder()
                        .addStrategy("prompt-tuning", Map.of("length", 2))
                        .build();
        Bases.fit(model, 1, 1, memory);
        Bases.fit(model, 2, 1, memory);
        tasks = memory.tasks(model);
        manager = model.getNDManager().newSubManager();
    }

    @AfterEach
    void close() {
        manager.close();
        memory.close();
        model.close();
    }

    @Test
    void theTaskWhoseSamplesLookAlikeIsChosenAndNothingIsLeftBehind() {
        TaskChooser chooser = chooser();
        NDList inputs = new NDList(ids(1, 5, 6, 40, 41));
        int arrays = manager.getManagedArrays().size();
        assertThat(chooser.choose(inputs))
                .containsExactly("task-1", "task-1", "task-1", "task-2", "task-2");
        assertThat(manager.getManagedArrays()).hasSize(arrays);
        assertThat(chooser.tasks()).containsExactly("task-1", "task-2");
    }

    @Test
    void anotherProcessChoosesTheSame() throws Exception {
        Path file = directory.resolve("chooser.safetensors");
        TaskChooser chooser = chooser();
        chooser.save(file);
        TaskChooser again = TaskChooser.load(tasks, file);
        NDList inputs = new NDList(ids(3, 17, 25, 37, 60));
        assertThat(again.choose(inputs)).isEqualTo(chooser.choose(inputs));
        assertThat(again.tasks()).isEqualTo(chooser.tasks());
    }

    @Test
    void featuresOfOnesOwnTellTasksApart() {
        TaskChooser chooser =
                TaskChooser.builder(tasks)
                        .optFeatures(list -> list.head())
                        .addTask("low", List.of(new NDList(manager.ones(new Shape(4, 2)))))
                        .addTask("high", List.of(new NDList(manager.ones(new Shape(4, 2)).mul(9))))
                        .build();
        NDArray rows = manager.create(new float[] {8, 7, 0, 2}, new Shape(2, 2));
        assertThat(chooser.choose(new NDList(rows))).containsExactly("high", "low");
        assertThatThrownBy(() -> chooser.choose(new NDList(manager.ones(new Shape(1, 3)))))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("3 features, but the tasks 2");
    }

    @Test
    void aTaskWithoutSamplesIsRefusedByName() {
        assertThatThrownBy(
                        () ->
                                TaskChooser.builder(tasks)
                                        .addTask("task-1", Collections.emptyList())
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("task \"task-1\" has no samples");
        assertThatThrownBy(() -> TaskChooser.builder(tasks).build())
                .hasMessageContaining("no task was added");
    }

    private TaskChooser chooser() {
        return TaskChooser.builder(tasks)
                .addTask("task-1", List.of(new NDList(ids(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))))
                .addTask("task-2", List.of(new NDList(ids(36, 37, 38, 39, 40, 41, 42, 43, 44))))
                .build();
    }

    /** Sequences of tokens from these on. */
    private NDArray ids(int... firsts) {
        long[] ids = new long[firsts.length * Bases.LENGTH];
        for (int i = 0; i < ids.length; i++) {
            int id = firsts[i / Bases.LENGTH] + i % 3;
            ids[i] = id;
        }
        return manager.create(ids, new Shape(firsts.length, Bases.LENGTH));
    }
}
