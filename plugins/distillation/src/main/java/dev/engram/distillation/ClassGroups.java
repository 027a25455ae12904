package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The classes of earlier tasks; those of tasks that share one are one group. A task whose labels
 * tell no classes makes all outputs one group for good.
 */
final class ClassGroups {

    private static final int BATCH = 1024;
    private static final float NEVER = -1e9f;
    private static final String ALL = "all";

    private final List<NavigableSet<Integer>> groups = new ArrayList<>();
    private boolean isAll;
    private @Nullable NDManager owner;
    private final List<NDArray> masks = new ArrayList<>();

    /** Adds the classes of a task; waits for the device. */
    void add(FinishedTask task) {
        release();
        NavigableSet<Integer> classes = new TreeSet<>();
        for (SampleBatch batch : task.samples(BATCH)) {
            if (!isAll && !collect(batch, task, classes)) {
                isAll = true;
            }
        }
        if (classes.isEmpty()) {
            isAll = true;
        }
        join(classes);
    }

    /** Makes all outputs one group: nothing is known of classes. */
    void addAll() {
        release();
        isAll = true;
    }

    private static boolean collect(
            SampleBatch batch, FinishedTask task, NavigableSet<Integer> classes) {
        if (batch.labels().isEmpty()) {
            return false;
        }
        NDArray labels = batch.labels().head();
        Shape outputs = task.model().predict(batch.data()).head().getShape();
        if (outputs.dimension() != 2 || labels.getShape().size() != batch.size()) {
            return false;
        }
        for (double label : doubles(labels)) {
            if (label != Math.rint(label) || label < 0 || label >= outputs.get(1)) {
                return false;
            }
            classes.add((int) label);
        }
        return true;
    }

    private static double[] doubles(NDArray labels) {
        try (NDArray wide = labels.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray();
        }
    }

    private void join(NavigableSet<Integer> classes) {
        NavigableSet<Integer> joined = new TreeSet<>(classes);
        groups.removeIf(
                group -> {
                    boolean shares = group.stream().anyMatch(joined::contains);
                    if (shares) {
                        joined.addAll(group);
                    }
                    return shares;
                });
        if (!joined.isEmpty()) {
            groups.add(joined);
        }
    }

    /**
     * Returns for each group what is added to outputs so that no other has a probability; empty
     * where all outputs are one group.
     *
     * @param outputs how many there are
     * @param manager outlives the task
     */
    List<NDArray> masks(long outputs, NDManager manager) {
        if (isAll || (groups.size() == 1 && groups.get(0).size() == outputs)) {
            return List.of();
        }
        if (!masks.isEmpty() && masks.get(0).getShape().get(0) != outputs) {
            release();
        }
        if (owner == null) {
            NDManager own = manager.newSubManager();
            own.setName("classes");
            owner = own;
            groups.forEach(group -> masks.add(mask(group, (int) outputs, own)));
        }
        return masks;
    }

    private static NDArray mask(NavigableSet<Integer> group, int outputs, NDManager manager) {
        float[] added = new float[outputs];
        Arrays.fill(added, NEVER);
        group.forEach(label -> added[label] = 0);
        try (NDArray made = manager.create(added)) {
            return EngineMemory.copy(made, manager);
        }
    }

    private void release() {
        masks.clear();
        if (owner != null) {
            owner.close();
            owner = null;
        }
    }

    String text() {
        String sets =
                groups.stream()
                        .map(g -> g.stream().map(String::valueOf).collect(Collectors.joining(",")))
                        .collect(Collectors.joining(";"));
        return isAll ? ALL : sets;
    }

    void read(String text) {
        groups.clear();
        isAll = text.equals(ALL);
        if (!isAll && !text.isEmpty()) {
            for (String group : text.split(";", -1)) {
                NavigableSet<Integer> classes = new TreeSet<>();
                for (String label : group.split(",", -1)) {
                    classes.add(Integer.parseInt(label));
                }
                groups.add(classes);
            }
        }
    }
}
