package dev.engram.djl.internal.wiring;

import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Set;

/** A source of nothing. */
final class FakeSource implements ReplaySource {

    boolean isClosed;

    @Override
    public void observe(ObservedBatch batch) {}

    @Override
    public Set<String> tasks() {
        return Set.of();
    }

    @Override
    public long forget(Task task) {
        return 0;
    }

    @Override
    public long available(Task unwanted) {
        return 0;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        return List.of();
    }

    @Override
    public long erase(String subject) {
        return 0;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text("kept", "something");
    }

    @Override
    public void restore(MemoryReader memory) {}

    @Override
    public void close() {
        isClosed = true;
    }
}
