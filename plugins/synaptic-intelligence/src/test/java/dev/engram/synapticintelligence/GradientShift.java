package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import java.util.Set;

/** A guard that acts before all others and makes every gradient {@code factor · g + shift}. */
record GradientShift(double factor, double shift) implements ForgettingGuard {

    @Override
    public String name() {
        return "shift";
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.REHEARSAL);
    }

    @Override
    public void onBackward(StepView step) {
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                gradient.muli(factor);
                gradient.addi(shift);
            }
        }
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
