package dev.engram.tck;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.ForgettingListener;
import java.util.function.Consumer;

/** A guard that protects nothing: it hands what a listener shows to the test. */
class FinishedTaskProbe implements ForgettingGuard {

    private final Consumer<FinishedTask> work;

    FinishedTaskProbe(Consumer<FinishedTask> work) {
        this.work = work;
    }

    /** Remembers a small task without training, and shows the finished task. */
    static void remember(Model model, int task, Consumer<FinishedTask> work) {
        try (ForgettingListener listener =
                        ForgettingListener.builder().addGuard(new FinishedTaskProbe(work)).build();
                NDManager manager = model.getNDManager().newSubManager()) {
            listener.remember(model, SmallTasks.dataset(manager, task));
        }
    }

    @Override
    public String name() {
        return "your-estimator";
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        work.accept(task);
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
