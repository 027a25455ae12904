package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The samples of a finished task by form and class; reading them waits for the device. */
public final class TaskRows {

    private static final int AT_ONCE = 256;

    private final String task;
    private final NDManager manager;
    private final Map<Form, Map<List<Double>, List<NDArray>>> pieces = new LinkedHashMap<>();

    private TaskRows(String task, NDManager manager) {
        this.task = task;
        this.manager = manager;
    }

    /**
     * Reads the samples of a task.
     *
     * @param manager owns the copies that are made of them
     */
    public static TaskRows of(FinishedTask finished, NDManager manager) {
        TaskRows rows = new TaskRows(finished.task().name(), manager);
        for (SampleBatch batch : finished.samples(AT_ONCE)) {
            rows.add(batch);
        }
        return rows;
    }

    /** Returns the forms that the samples have. */
    public List<Form> forms() {
        return List.copyOf(pieces.keySet());
    }

    /** Returns how many samples there are of each class of a form. */
    public Map<List<Double>, Long> counts(Form form) {
        Map<List<Double>, Long> counts = new LinkedHashMap<>();
        of(form).forEach(
                        (label, parts) ->
                                counts.put(
                                        label,
                                        parts.stream()
                                                .mapToLong(part -> part.getShape().get(0))
                                                .sum()));
        return counts;
    }

    /** Returns the samples of a class, one a row, as float32; the manager owns the copy. */
    public NDArray rows(Form form, List<Double> label, NDManager owner) {
        NDArray joined = NDArrays.concat(new NDList(of(form).getOrDefault(label, List.of())));
        joined.attach(owner);
        return joined;
    }

    private Map<List<Double>, List<NDArray>> of(Form form) {
        return pieces.getOrDefault(form, new LinkedHashMap<>());
    }

    private void add(SampleBatch batch) {
        Form form = Form.of(task, batch.data(), batch.labels());
        Map<List<Double>, LongStream.Builder> own = new LinkedHashMap<>();
        List<List<Double>> labels = labels(batch.labels().head());
        for (int i = 0; i < labels.size(); i++) {
            own.computeIfAbsent(labels.get(i), unknown -> LongStream.builder()).add(i);
        }
        Map<List<Double>, List<NDArray>> classes =
                pieces.computeIfAbsent(form, unknown -> new LinkedHashMap<>());
        try (NDArray flat = flat(batch.data().head(), form)) {
            own.forEach(
                    (label, which) ->
                            classes.computeIfAbsent(label, unknown -> new ArrayList<>())
                                    .add(pick(flat, which.build().toArray())));
        }
    }

    private NDArray flat(NDArray input, Form form) {
        NDArray flat =
                input.reshape(new Shape(input.getShape().get(0), form.width()))
                        .toType(DataType.FLOAT32, true);
        flat.attach(manager);
        return flat;
    }

    private NDArray pick(NDArray flat, long[] which) {
        try (NDArray index = manager.create(which)) {
            NDArray rows = flat.get(index);
            rows.attach(manager);
            return rows;
        }
    }

    private static List<List<Double>> labels(NDArray labels) {
        double[] read = labels.toType(DataType.FLOAT64, true).toDoubleArray();
        int samples = Math.toIntExact(labels.getShape().get(0));
        int width = read.length / samples;
        return IntStream.range(0, samples)
                .mapToObj(i -> Arrays.stream(read, i * width, (i + 1) * width).boxed().toList())
                .toList();
    }
}
