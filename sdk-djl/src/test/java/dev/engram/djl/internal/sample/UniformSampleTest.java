package dev.engram.djl.internal.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.SampleBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UniformSampleTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void everySampleOfTheStreamIsKeptWithTheSameProbability() {
        int stream = 40;
        int capacity = 10;
        int trials = 2000;
        int[] kept = new int[stream];
        for (int trial = 0; trial < trials; trial++) {
            try (UniformSample sample = new UniformSample(manager, capacity, trial)) {
                feed(sample, stream, 7);
                ids(sample).forEach(id -> kept[id]++);
            }
        }
        double expected = (double) trials * capacity / stream;
        double chiSquare = 0;
        for (int count : kept) {
            // Sampling without replacement shrinks the variance by (1 - capacity/stream).
            double variance = expected * (1 - (double) capacity / stream);
            chiSquare += (count - expected) * (count - expected) / variance;
        }
        // 39 degrees of freedom: the 0.1 % quantile of the upper tail is 72.1.
        assertThat(chiSquare * (stream - 1) / stream).isLessThan(72.1);
    }

    @Test
    void dataAndLabelsStayTogetherThroughReplacementAndCompaction() {
        try (UniformSample sample = new UniformSample(manager, 50, 3)) {
            feed(sample, 5000, 13);
            assertThat(sample.size()).isEqualTo(50);
            for (SampleBatch batch : sample.batches(8, manager, Device.cpu())) {
                float[] data = batch.data().head().toFloatArray();
                float[] labels = batch.labels().head().toFloatArray();
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(data[2 * i]).isEqualTo(labels[i]);
                    assertThat(data[2 * i + 1]).isEqualTo(-labels[i]);
                }
            }
        }
    }

    @Test
    void aShortStreamIsKeptWhole() {
        try (UniformSample sample = new UniformSample(manager, 100, 1)) {
            feed(sample, 30, 7);
            assertThat(ids(sample)).hasSize(30).doesNotHaveDuplicates();
        }
    }

    @Test
    void sequencesOfDifferentLengthsAreNotMixedInABatch() {
        try (UniformSample sample = new UniformSample(manager, 10, 1)) {
            for (int length = 1; length <= 3; length++) {
                sample.observe(
                        new NDList(manager.ones(new Shape(2, length))),
                        new NDList(manager.ones(new Shape(2))),
                        List.of());
            }
            List<Shape> shapes = new ArrayList<>();
            sample.batches(10, manager, Device.cpu())
                    .forEach(batch -> shapes.add(batch.data().head().getShape()));
            assertThat(shapes).containsExactly(new Shape(2, 1), new Shape(2, 2), new Shape(2, 3));
        }
    }

    @Test
    void anErasedSubjectIsGoneAndTheOthersStayWithTheirNames() {
        try (UniformSample sample = new UniformSample(manager, 50, 3)) {
            feed(sample, 500, 13);
            int before = sample.size();
            int erased = sample.erase("s3");
            assertThat(erased).isPositive();
            assertThat(sample.size()).isEqualTo(before - erased);
            assertThat(ids(sample)).noneMatch(id -> id % 5 == 3);
            for (SampleBatch batch : sample.batches(8, manager, Device.cpu())) {
                float[] labels = batch.labels().head().toFloatArray();
                for (int i = 0; i < labels.length; i++) {
                    assertThat(batch.subjects().get(i)).isEqualTo("s" + (int) labels[i] % 5);
                }
            }
            feed(sample, 2000, 13);
            assertThat(sample.size()).isEqualTo(before - erased);
        }
    }

    @Test
    void anErasureBeforeTheSampleIsFullCostsNoPlace() {
        try (UniformSample sample = new UniformSample(manager, 50, 3)) {
            feed(sample, 10, 10);
            assertThat(sample.erase("s3")).isEqualTo(2);
            feed(sample, 500, 13);
            assertThat(sample.size()).isEqualTo(50);
        }
    }

    @Test
    void aSampleOfLabelsKeepsTheSameRowsWithoutTheirInputs() {
        try (UniformSample labels = UniformSample.ofLabels(manager, 10, 3);
                UniformSample whole = new UniformSample(manager, 10, 3)) {
            feed(labels, 500, 13);
            feed(whole, 500, 13);
            assertThat(ids(labels)).hasSize(10).isEqualTo(ids(whole));
            for (SampleBatch batch : labels.batches(16, manager, Device.cpu())) {
                assertThat(batch.data()).isEmpty();
            }
        }
    }

    @Test
    void aBatchWhoseSamplesCannotBeToldApartIsRefused() {
        try (UniformSample sample = new UniformSample(manager, 10, 1)) {
            NDList data = new NDList(manager.ones(new Shape(4, 2)));
            NDList labels = new NDList(manager.ones(new Shape(3)));
            assertThatThrownBy(() -> sample.observe(data, labels, List.of()))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("4")
                    .hasMessageContaining("(3)");
        }
    }

    private void feed(UniformSample sample, int stream, int batch) {
        try (NDManager scope = manager.newSubManager()) {
            for (int from = 0; from < stream; from += batch) {
                int size = Math.min(batch, stream - from);
                float[] data = new float[2 * size];
                float[] labels = new float[size];
                for (int i = 0; i < size; i++) {
                    data[2 * i] = from + i;
                    data[2 * i + 1] = -(from + i);
                    labels[i] = from + i;
                }
                sample.observe(
                        new NDList(scope.create(data, new Shape(size, 2))),
                        new NDList(scope.create(labels)),
                        IntStream.range(from, from + size).mapToObj(i -> "s" + i % 5).toList());
            }
        }
    }

    private List<Integer> ids(UniformSample sample) {
        List<Integer> ids = new ArrayList<>();
        for (SampleBatch batch : sample.batches(16, manager, Device.cpu())) {
            for (float label : batch.labels().head().toFloatArray()) {
                ids.add((int) label);
            }
        }
        return ids;
    }
}
