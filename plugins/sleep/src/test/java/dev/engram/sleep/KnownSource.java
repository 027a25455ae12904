package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.tck.SmallTasks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Gives samples of small tasks, named {@code task-0} and so on, without labels. */
class KnownSource implements ReplaySource {

    private final Random random = new Random(5);
    private final List<Integer> tasks;

    KnownSource(Integer... tasks) {
        this.tasks = List.of(tasks);
    }

    static String name(int task) {
        return "task-" + task;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        NDList drawn = new NDList();
        List<String> names = new ArrayList<>();
        for (int task : tasks) {
            NDList all = SmallTasks.inputs(manager, task);
            long[] rows = random.longs(size / tasks.size(), 0, SmallTasks.SAMPLES).toArray();
            drawn.add(all.head().get(manager.create(rows)));
            names.addAll(Collections.nCopies(rows.length, name(task)));
        }
        NDArray data = drawn.get(0);
        for (NDArray next : drawn.subList(1, drawn.size())) {
            data = data.concat(next);
        }
        return List.of(
                ReplayedBatch.of(new NDList(data), new NDList(), new NDList(), names, manager));
    }

    @Override
    public Set<String> tasks() {
        Set<String> names = new TreeSet<>();
        tasks.forEach(task -> names.add(name(task)));
        return names;
    }

    @Override
    public long available(Task unwanted) {
        return Integer.MAX_VALUE;
    }

    @Override
    public void observe(ObservedBatch batch) {}

    @Override
    public long forget(Task task) {
        return 0;
    }

    @Override
    public long erase(String subject) {
        return 0;
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}

    @Override
    public void close() {}
}
