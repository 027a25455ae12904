package dev.engram.djl.internal.wiring;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;

/** A guard that does nothing, and notes that it was closed. */
class FakeGuard implements ForgettingGuard {

    private final String name;
    boolean isClosed;

    FakeGuard(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void onAnchor(TrainingView training) {}

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}

    @Override
    public void close() {
        isClosed = true;
    }
}
