package dev.engram.djl.internal.wiring;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.HashMap;
import java.util.Map;

/** An importance of one everywhere that counts the tasks, also those of earlier processes. */
final class FakeImportance implements ImportanceEstimator {

    int version = 1;
    int tasks;
    int restoredVersion;
    boolean isClosed;

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        tasks++;
        Map<String, NDArray> ones = new HashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            NDArray one = parameter.value().onesLike();
            one.attach(task.scratch());
            ones.put(parameter.name(), one);
        }
        return ones;
    }

    @Override
    public int stateVersion() {
        return version;
    }

    @Override
    public void save(MemoryWriter memory) {
        // Keys that the penalty has, too.
        memory.text("scale", "mine");
        memory.text("tasks", String.valueOf(tasks));
        memory.tensor(
                "anchor", "of no parameter", memory.manager().full(new Shape(1), (float) tasks));
    }

    @Override
    public void restore(MemoryReader memory) {
        restoredVersion = memory.stateVersion();
        tasks = Integer.parseInt(memory.text("tasks").orElseThrow());
        float kept = memory.tensors("anchor", memory.manager()).get("of no parameter").getFloat();
        if (kept != tasks || !memory.text("scale").orElseThrow().equals("mine")) {
            throw new IllegalStateException("another's state");
        }
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
