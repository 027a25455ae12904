package dev.engram.djl.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskMemoryTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final StoredTask kept = new StoredTask();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void whatATaskHasOfTheOneBeforeIsWrittenOnceAndReadBackBitForBit() {
        Map<String, Map<String, NDArray>> tasks = stacked(4);
        write(tasks);
        for (int task = 1; task <= 4; task++) {
            assertThat(kept.tensors("task-" + task, manager).keySet())
                    .containsExactlyInAnyOrder("w/a", "w/b", "other/c");
        }
        assertSame(tasks);
    }

    @Test
    void whatOnlyLooksLikeItIsWrittenInFull() {
        Map<String, Map<String, NDArray>> tasks = stacked(3);
        tasks.get("t2").get("w/earlier_a").addi(1e-3f);
        write(tasks);
        assertThat(kept.tensors("task-2", manager).keySet()).contains("w/earlier_a");
        assertThat(kept.tensors("task-3", manager).keySet()).contains("w/earlier_a");
        assertThat(kept.tensors("task-3", manager).keySet()).doesNotContain("w/earlier_b");
        assertSame(tasks);
    }

    @Test
    void whatAnEarlierEngramWroteInFullIsRead() {
        Map<String, Map<String, NDArray>> tasks = stacked(3);
        kept.text("tasks", "[\"t1\",\"t2\",\"t3\"]");
        int number = 0;
        for (Map<String, NDArray> tensors : tasks.values()) {
            number++;
            for (Map.Entry<String, NDArray> one : tensors.entrySet()) {
                kept.tensor("task-" + number, one.getKey(), one.getValue());
            }
        }
        assertSame(tasks);
    }

    @Test
    void aPartThatIsNotThereIsNamed() {
        write(stacked(2));
        kept.tensors.get("task-1").remove("w/a");
        TaskMemory read = TaskMemory.read(kept);
        assertThatThrownBy(() -> read.forEach(kept, manager, (task, tensors) -> {}))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("lacks w/a");
    }

    private void write(Map<String, Map<String, NDArray>> tasks) {
        TaskMemory.of(Map.of(), new PairList<>())
                .about(List.copyOf(tasks.keySet()), task -> Map.of())
                .write(kept, tasks::get);
    }

    private void assertSame(Map<String, Map<String, NDArray>> tasks) {
        TaskMemory.read(kept)
                .forEach(
                        kept,
                        manager,
                        (task, tensors) -> {
                            Map<String, NDArray> wanted = tasks.get(task);
                            assertThat(tensors.keySet())
                                    .containsExactlyInAnyOrderElementsOf(wanted.keySet());
                            tensors.forEach(
                                    (name, value) -> {
                                        assertThat(value.getShape())
                                                .isEqualTo(wanted.get(name).getShape());
                                        assertThat(value.toByteArray())
                                                .isEqualTo(wanted.get(name).toByteArray());
                                    });
                        });
    }

    /** Returns tasks each of which has what all before it had, rows on rows, columns by columns. */
    private Map<String, Map<String, NDArray>> stacked(int count) {
        Map<String, Map<String, NDArray>> tasks = new LinkedHashMap<>();
        Map<String, NDArray> before = Map.of();
        for (int task = 1; task <= count; task++) {
            Map<String, NDArray> now = new LinkedHashMap<>();
            now.put("w/a", manager.randomNormal(new Shape(2, 6)));
            now.put("w/b", manager.randomNormal(new Shape(5, 2)));
            now.put("other/c", manager.randomNormal(new Shape(2, 6)));
            if (!before.isEmpty()) {
                now.put("w/earlier_a", joined(before, "a", 0));
                now.put("w/earlier_b", joined(before, "b", 1));
            }
            tasks.put("t" + task, now);
            before = now;
        }
        return tasks;
    }

    private static NDArray joined(Map<String, NDArray> before, String name, int axis) {
        NDArray earlier = before.get("w/earlier_" + name);
        NDArray last = before.get("w/" + name);
        return earlier == null
                ? last.duplicate()
                : NDArrays.concat(new NDList(earlier, last), axis);
    }

    private final class StoredTask implements MemoryReader, MemoryWriter {

        private final Map<String, String> texts = new HashMap<>();
        private final Map<String, Map<String, NDArray>> tensors = new HashMap<>();

        @Override
        public void text(String key, String value) {
            texts.put(key, value);
        }

        @Override
        public void tensor(String kind, String parameter, NDArray value) {
            tensors.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(parameter, value);
        }

        @Override
        public Optional<String> text(String key) {
            return Optional.ofNullable(texts.get(key));
        }

        @Override
        public Map<String, NDArray> tensors(String kind, NDManager owner) {
            return tensors.getOrDefault(kind, Map.of());
        }

        @Override
        public NDManager manager() {
            return manager;
        }
    }
}
