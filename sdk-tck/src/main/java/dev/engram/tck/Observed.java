package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * A task of numbered samples, shown to a source as a listener would: sample {@code i} of task
 * {@code t} has the label {@code 2t + i mod 2}, the input {@code (i, 10 * label)} and the subject
 * {@code "even"} or {@code "odd"}.
 */
record Observed(Task task, int number, int samples) {

    /** What the second input is of the label. */
    static final float TIMES = 10;

    private static final int BATCH = 8;

    /** Lets a source see all samples, and the end of the task. */
    void showTo(ReplaySource source, NDManager manager) {
        source.onTaskBegin(ended(manager));
        List<SampleBatch> batches = new ArrayList<>();
        for (int from = 0; from < samples; from += BATCH) {
            Numbered batch = batch(from, Math.min(samples, from + BATCH), manager);
            batches.add(batch);
            try (NDManager step = manager.newSubManager()) {
                Numbered seen = batch(from, from + batch.size(), step);
                source.observe(
                        ObservedBatch.of(
                                task, seen.data(), seen.labels(), seen.data(), seen.subjects()));
            }
        }
        source.onEpoch();
        source.onTaskEnd(new Ended(this, manager, batches));
    }

    /** Returns the task as it ended, without samples. */
    FinishedTask ended(NDManager manager) {
        return new Ended(this, manager, List.of());
    }

    private Numbered batch(int from, int to, NDManager manager) {
        float[] inputs = new float[2 * (to - from)];
        float[] labels = new float[to - from];
        List<String> subjects = new ArrayList<>();
        for (int i = from; i < to; i++) {
            labels[i - from] = 2 * number + i % 2;
            inputs[2 * (i - from)] = i;
            inputs[2 * (i - from) + 1] = TIMES * labels[i - from];
            subjects.add(i % 2 == 0 ? "even" : "odd");
        }
        NDArray data = manager.create(inputs, new Shape(to - from, 2));
        return new Numbered(
                new NDList(data), new NDList(manager.create(labels)), subjects, manager);
    }

    private record Numbered(NDList data, NDList labels, List<String> subjects, NDManager manager)
            implements SampleBatch {

        @Override
        public int size() {
            return subjects.size();
        }
    }

    /** The task as it ended; its model is the identity. */
    private record Ended(Observed observed, NDManager manager, List<SampleBatch> batches)
            implements FinishedTask {

        @Override
        public Task task() {
            return observed.task();
        }

        @Override
        public long sampleCount() {
            return batches.stream().mapToLong(SampleBatch::size).sum();
        }

        @Override
        public Iterable<SampleBatch> samples(int size) {
            return batches;
        }

        @Override
        public NDList predict(NDList inputs) {
            return inputs;
        }

        @Override
        public GradientCollector newGradientCollector() {
            return manager.getEngine().newGradientCollector();
        }

        @Override
        public NDManager scratch() {
            return manager;
        }

        @Override
        public List<LiveParameter> parameters() {
            return List.of();
        }

        @Override
        public Loss loss() {
            return Loss.l2Loss();
        }
    }
}
