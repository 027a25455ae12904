package dev.engram.djl;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.ArrayList;
import java.util.List;

/** Writes down the tasks that it was shown; each runs the model on its samples. */
class Recorder implements ForgettingGuard {

    final List<String> learnt = new ArrayList<>();
    int begun;

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        begun++;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        for (SampleBatch batch : task.samples(Points.BATCH)) {
            NDArray outputs = task.predict(batch.data()).head();
            if (!Float.isFinite(outputs.sum().getFloat())) {
                throw new IllegalStateException("no finite outputs");
            }
        }
        learnt.add(task.task().name());
    }

    @Override
    public void save(MemoryWriter memory) {}

    @Override
    public void restore(MemoryReader memory) {}
}
