package dev.engram.prompttuning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PromptPoolTest {

    private static final int SIZE = 8;
    private static final int LENGTH = 2;
    private static final Map<String, ?> SETTINGS =
            Map.of("size", SIZE, "selected", 2, "length", LENGTH, "pull", 1);

    @Test
    void differentTasksGetDifferentPromptsAndTheSecondGoesOnWithThePool() {
        try (Model model = apart();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("prompt-pool", SETTINGS).build()) {
            NDManager manager = model.getNDManager();
            Bases.fit(model, ofTokens(manager, 1), 3, memory);
            Bases.fit(model, ofTokens(manager, 33), 3, memory);
            TaskRegistry tasks = memory.tasks(model);
            Set<Integer> second = changed(tasks, manager, "task-1", "task-2");
            assertThat(second).isNotEmpty().hasSizeLessThan(SIZE);
            tasks.load("again", tasks.tensors("task-2", manager));
            // What the second task never selected is as the first left it.
            float[] keysThen = values(tasks, manager, "task-1", "keys");
            float[] keysNow = values(tasks, manager, "task-2", "keys");
            assertThat(rows(keysThen, keysNow, Bases.WIDTH)).isEqualTo(second);
        }
    }

    @Test
    void keysAreDrawnToTheSamplesThatSelectThem() {
        assertThat(likeness(0.5)).isGreaterThan(likeness(0) + 0.1);
    }

    /** How near the nearest key is to what it was drawn to, or not. */
    private static double likeness(double pull) {
        Map<String, Object> settings = new HashMap<>(SETTINGS);
        settings.put("pull", pull);
        try (Model model = apart();
                ForgettingListener memory =
                        ForgettingListener.builder().addStrategy("prompt-pool", settings).build()) {
            NDManager manager = model.getNDManager();
            Bases.fit(model, ofTokens(manager, 1), 6, memory);
            return nearest(memory.tasks(model), manager, "task-1");
        }
    }

    private static Model apart() {
        Model model = Bases.ENCODER.model();
        NDArray table = model.getBlock().getParameters().valueAt(0).getArray();
        table.setRequiresGradient(false);
        NDArray signs = table.getManager().ones(table.getShape());
        signs.set(new ai.djl.ndarray.index.NDIndex("32:"), -1);
        table.muli(0.1).addi(signs);
        return model;
    }

    /** Tokens of one half of the dictionary; the class is told by the quarter. */
    private static ArrayDataset ofTokens(NDManager manager, int first) {
        long[] ids = new long[128 * Bases.LENGTH];
        float[] labels = new float[128];
        for (int i = 0; i < ids.length; i++) {
            int sample = i / Bases.LENGTH;
            labels[sample] = sample % 2;
            int token = first + i * 7 % 15 + 15 * (sample % 2);
            ids[i] = token;
        }
        return Bases.dataset(manager, ids, labels);
    }

    /** The cosine of the best key with the first half's direction. */
    private static double nearest(TaskRegistry tasks, NDManager manager, String task) {
        float[] keys = values(tasks, manager, task, "keys");
        double best = -1;
        for (int key = 0; key < SIZE; key++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < Bases.WIDTH; i++) {
                float value = keys[key * Bases.WIDTH + i];
                sum += value;
                squares += value * value;
            }
            best = Math.max(best, sum / Math.sqrt(squares * Bases.WIDTH));
        }
        return best;
    }

    private static Set<Integer> changed(
            TaskRegistry tasks, NDManager manager, String before, String after) {
        return rows(
                values(tasks, manager, before, "vectors"),
                values(tasks, manager, after, "vectors"),
                LENGTH * Bases.WIDTH);
    }

    private static Set<Integer> rows(float[] before, float[] after, int width) {
        Set<Integer> changed = new TreeSet<>();
        for (int row = 0; row < SIZE; row++) {
            if (!Arrays.equals(
                    before,
                    row * width,
                    (row + 1) * width,
                    after,
                    row * width,
                    (row + 1) * width)) {
                changed.add(row);
            }
        }
        return changed;
    }

    private static float[] values(TaskRegistry tasks, NDManager manager, String task, String name) {
        return tasks.tensors(task, manager).get("01TokenEmbedding/" + name).toFloatArray();
    }
}
