package dev.engram.benchmark.cost;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;

/** Does nothing, so that what stands beside it is measured alone. */
final class IdleGuard implements ForgettingGuard {

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
