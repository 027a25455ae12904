package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.SampleBatch;
import java.util.List;

/** The loss on probes, along the line. Each value waits for the device. */
final class SearchedLoss {

    private final FinishedTask task;
    private final Line line;

    SearchedLoss(FinishedTask task, Line line) {
        this.task = task;
        this.line = line;
    }

    /** Returns the mean over the tasks of the loss on their probes and the new task's samples. */
    double ofProbes(double share, List<Probes.ProbeBatch> probes, int count) {
        try (NDManager scope = task.scratch().newSubManager()) {
            GuardedModel mixed = task.model().with(line.at(share, scope));
            SampleBatch batch = task.samples(count).iterator().next();
            double sum = loss(mixed, batch.data(), batch.labels(), scope);
            for (Probes.ProbeBatch one : probes) {
                sum += loss(mixed, one.data(), one.labels(), scope);
            }
            return sum / (1 + probes.size());
        }
    }

    private double loss(GuardedModel mixed, NDList data, NDList labels, NDManager scope) {
        NDList answers = predict(mixed, data, scope);
        return value(task.loss().evaluate(labels, answers), scope);
    }

    /** What is computed belongs to the manager of what it is computed from. */
    static NDList predict(GuardedModel model, NDList data, NDManager scope) {
        NDList handles = new NDList();
        for (NDArray array : data) {
            NDArray handle = array.stopGradient();
            handle.setName(array.getName());
            handle.attach(scope);
            handles.add(handle);
        }
        return model.predict(handles);
    }

    static double value(NDArray scalar, NDManager scope) {
        scalar.attach(scope);
        NDArray wide = scalar.toType(DataType.FLOAT64, true).mean();
        wide.attach(scope);
        return wide.getDouble();
    }
}
