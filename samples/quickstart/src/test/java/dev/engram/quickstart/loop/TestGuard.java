package dev.engram.quickstart.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A plug-in's guard that does what a test wants at one call, and notes the others. */
final class TestGuard implements ForgettingGuard {

    final List<String> calls = new ArrayList<>();
    final List<NDManager> scratch = new ArrayList<>();
    private final String name;
    Consumer<StepView> onGradient = step -> {};
    Consumer<StepView> onBackward = step -> {};
    Consumer<TrainingView> onTaskBegin = training -> {};
    Consumer<TrainingView> onEpoch = training -> {};
    Consumer<FinishedTask> onTaskEnd = task -> {};

    TestGuard(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        onTaskBegin.accept(training);
    }

    @Override
    public void onGradient(StepView step) {
        onGradient.accept(step);
    }

    @Override
    public void onBackward(StepView step) {
        calls.add("step " + step.step() + " of " + step.batches().size());
        onBackward.accept(step);
    }

    @Override
    public void onEpoch(TrainingView training) {
        onEpoch.accept(training);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        calls.add("end " + task.task().name());
        scratch.add(task.scratch());
        onTaskEnd.accept(task);
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        calls.add("aborted " + training.task().name());
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}

    /** Sets all gradients of a step to a number. */
    static void fill(StepView step, float value) {
        step.parameters()
                .forEach(
                        parameter -> {
                            try (NDArray gradient = parameter.gradient()) {
                                gradient.muli(0).addi(value);
                            }
                        });
    }
}
