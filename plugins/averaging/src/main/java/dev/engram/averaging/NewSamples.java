package dev.engram.averaging;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import java.util.HashMap;
import java.util.Map;

/**
 * What the points of the line make of samples of the new task, which nothing is kept of. Each point
 * is looked at once, and waits for the device.
 */
final class NewSamples {

    private static final int MOST = 256;

    private final FinishedTask task;
    private final Line line;
    private final SampleBatch batch;

    /** The old model's answers; of one that has grown, those of the outputs that it had. */
    private final NDList others;

    private final boolean areClasses;
    private final Map<Double, Seen> seen = new HashMap<>();

    NewSamples(FinishedTask task, Line line) {
        this.task = task;
        this.line = line;
        this.batch = task.samples(MOST).iterator().next();
        this.others =
                SearchedLoss.predict(task.model().with(line.from()), batch.data(), task.scratch());
        this.areClasses = Divergence.areClasses(task.loss(), batch.labels(), others.head());
    }

    /** Returns the loss and the divergence from the old model's answers. */
    double loss(double share) {
        Seen point = at(share);
        return point.loss + point.apart;
    }

    /**
     * Returns by how much the loss is higher than with the new weights; where answers are no
     * classes, as a share of its fall from the old weights to the new.
     */
    double cost(double share) {
        double rise = at(share).loss - at(1).loss;
        if (areClasses) {
            return rise;
        }
        double fall = at(0).loss - at(1).loss;
        return fall > 0 ? rise / fall : rise > 0 ? 1 : 0;
    }

    private Seen at(double share) {
        return seen.computeIfAbsent(share, this::look);
    }

    private Seen look(double share) {
        try (NDManager scope = task.scratch().newSubManager()) {
            NDList answers =
                    SearchedLoss.predict(
                            task.model().with(line.at(share, scope)), batch.data(), scope);
            NDArray loss = task.loss().evaluate(batch.labels(), answers);
            NDArray apart = Divergence.of(task.loss(), batch.labels(), others, answers);
            apart.attach(scope);
            return new Seen(SearchedLoss.value(loss, scope), SearchedLoss.value(apart, scope));
        }
    }

    /** One point. */
    private record Seen(double loss, double apart) {}
}
