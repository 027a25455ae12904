package dev.engram.replay.strategy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A source as a third party would write it: keeps no sample, but a Gaussian of each class. */
final class GaussianSource implements ReplaySource {

    private final double width;
    private final Map<String, float[]> sums = new LinkedHashMap<>();
    int restored;

    GaussianSource(double width) {
        this.width = width;
    }

    @Override
    public void observe(ObservedBatch batch) {
        float[] data = batch.data().head().toFloatArray();
        long[] labels = batch.labels().head().toLongArray();
        for (int i = 0; i < labels.length; i++) {
            float[] sum =
                    sums.computeIfAbsent(
                            batch.task().name() + "/" + labels[i],
                            name -> new float[Toy.FEATURES + 1]);
            for (int j = 0; j < Toy.FEATURES; j++) {
                sum[j] += data[i * Toy.FEATURES + j];
            }
            sum[Toy.FEATURES]++;
        }
    }

    private static String task(String name) {
        return name.substring(0, name.lastIndexOf('/'));
    }

    @Override
    public Set<String> tasks() {
        return sums.keySet().stream().map(GaussianSource::task).collect(Collectors.toSet());
    }

    @Override
    public long forget(Task task) {
        return sums.keySet().removeIf(name -> task(name).equals(task.name())) ? 1 : 0;
    }

    @Override
    public long available(Task unwanted) {
        return tasks().stream().allMatch(unwanted.name()::equals) ? 0 : Long.MAX_VALUE;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        List<String> names =
                sums.keySet().stream().filter(name -> !task(name).equals(unwanted.name())).toList();
        NDList rows = new NDList();
        long[] labels = new long[size];
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            String name = names.get(i * names.size() / size);
            rows.add(drawn(name, manager));
            labels[i] = Long.parseLong(name.substring(name.lastIndexOf('/') + 1));
            tasks.add(task(name));
        }
        NDList data = new NDList(NDArrays.concat(rows));
        return List.of(
                ReplayedBatch.of(
                        data, new NDList(manager.create(labels)), new NDList(), tasks, manager));
    }

    private NDArray drawn(String name, NDManager manager) {
        float[] sum = sums.get(name);
        float[] mean = new float[Toy.FEATURES];
        for (int j = 0; j < mean.length; j++) {
            mean[j] = sum[j] / sum[Toy.FEATURES];
        }
        NDArray center = manager.create(mean, new Shape(1, Toy.FEATURES));
        return manager.randomNormal(0, (float) width, center.getShape(), DataType.FLOAT32)
                .add(center);
    }

    @Override
    public long erase(String subject) {
        return 0;
    }

    @Override
    public int stateVersion() {
        return 2;
    }

    @Override
    public void save(MemoryWriter memory) {
        sums.forEach((name, sum) -> memory.tensor("sums", name, memory.manager().create(sum)));
    }

    @Override
    public void restore(MemoryReader memory) {
        restored = memory.stateVersion();
        memory.tensors("sums", memory.manager())
                .forEach((name, sum) -> sums.put(name, sum.toFloatArray()));
    }

    @Override
    public void close() {}
}
