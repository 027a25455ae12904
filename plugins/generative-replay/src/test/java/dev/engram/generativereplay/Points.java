package dev.engram.generativereplay;

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
import java.util.List;
import java.util.Random;

/** Samples of a task, shown to a source as a listener would. */
public record Points(Task task, NDArray data, NDArray labels) {

    /** Returns points of two classes in four dimensions; the second class lies ten further. */
    public static Points ofTwoClasses(String task, int count, double at, NDManager manager) {
        Random random = new Random(task.hashCode());
        float[] data = new float[count * 4];
        float[] labels = new float[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 2;
            double along = random.nextGaussian();
            data[4 * i] = (float) (at + 10 * labels[i] + 2 * along);
            data[4 * i + 1] = (float) (at - along);
            data[4 * i + 2] = (float) (0.5 * random.nextGaussian());
            data[4 * i + 3] = 3;
        }
        return new Points(
                Task.named(task),
                manager.create(data, new Shape(count, 4)),
                manager.create(labels));
    }

    /** Lets a source see all samples, and the end of the task. */
    public void showTo(ReplaySource source) {
        source.onTaskBegin(new Ended(this));
        observedBy(source);
        source.onEpoch();
        source.onTaskEnd(new Ended(this));
    }

    /** Lets a source see that the task begins. */
    public void beginIn(ReplaySource source) {
        source.onTaskBegin(new Ended(this));
    }

    /** Lets a source see all samples. */
    public void observedBy(ReplaySource source) {
        source.observe(
                ObservedBatch.of(
                        task, new NDList(data), new NDList(labels), new NDList(), List.of()));
    }

    private record All(NDList data, NDList labels, NDManager manager) implements SampleBatch {

        @Override
        public int size() {
            return Math.toIntExact(data.head().getShape().get(0));
        }
    }

    private record Ended(Points points) implements FinishedTask {

        @Override
        public Task task() {
            return points.task;
        }

        @Override
        public long sampleCount() {
            return points.data.getShape().get(0);
        }

        @Override
        public Iterable<SampleBatch> samples(int size) {
            return List.of(new All(new NDList(points.data), new NDList(points.labels), manager()));
        }

        @Override
        public NDList predict(NDList inputs) {
            return inputs;
        }

        @Override
        public GradientCollector newGradientCollector() {
            return manager().getEngine().newGradientCollector();
        }

        @Override
        public NDManager scratch() {
            return manager();
        }

        @Override
        public List<LiveParameter> parameters() {
            return List.of();
        }

        @Override
        public Loss loss() {
            return Loss.l2Loss();
        }

        @Override
        public NDManager manager() {
            return points.data.getManager();
        }
    }
}
