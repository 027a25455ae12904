package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.UpdateView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Optional;

/** Halves what the optimizer does, once a task was learnt. */
final class Slowed implements ForgettingGuard {

    private boolean hasLearnt;

    @Override
    public String name() {
        return "slowed";
    }

    @Override
    public boolean looksAtUpdates() {
        return true;
    }

    @Override
    public void onUpdate(UpdateView update) {
        if (hasLearnt) {
            for (LiveParameter parameter : update.parameters()) {
                NDArray value = parameter.value();
                value.addi(update.before().get(parameter.name()));
                value.divi(2);
            }
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        hasLearnt = true;
    }

    @Override
    public Optional<GuardEffect> effect() {
        return hasLearnt ? Optional.of(GuardEffect.ofPenalty(0)) : Optional.empty();
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {
        hasLearnt = true;
    }
}
