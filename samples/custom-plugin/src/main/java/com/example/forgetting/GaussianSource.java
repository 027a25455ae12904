package com.example.forgetting;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Draws from a Gaussian of each class of each task, independent in each input, without its tails.
 *
 * <p>It keeps no sample of anybody, so that there is none to erase; that a person's sample is one
 * of those in a mean, nobody can take back.
 */
final class GaussianSource implements ReplaySource {

    private static final int AT_ONCE = 256;

    private final int least;
    private final long seed;
    private final List<ClassGaussian> classes = new ArrayList<>();
    private long draws;

    GaussianSource(int least, long seed) {
        this.least = least;
        this.seed = seed;
    }

    /** Nothing is read from the device while a task trains; see {@link #onTaskEnd}. */
    @Override
    public void observe(ObservedBatch batch) {}

    @Override
    public boolean isOnline() {
        return false;
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        Map<Float, ClassSums> byLabel = new TreeMap<>();
        for (SampleBatch batch : task.samples(AT_ONCE)) {
            ClassSums.add(batch, byLabel);
        }
        byLabel.forEach(
                (label, sums) -> {
                    if (sums.count() >= least) {
                        classes.add(sums.gaussian(task.task().name(), label));
                    }
                });
    }

    @Override
    public Set<String> tasks() {
        Set<String> tasks = new LinkedHashSet<>();
        classes.forEach(one -> tasks.add(one.task()));
        return tasks;
    }

    @Override
    public long forget(Task task) {
        long seen = classes.stream().filter(one -> one.isOf(task)).mapToLong(c -> c.count()).sum();
        classes.removeIf(one -> one.isOf(task));
        return seen;
    }

    /** As many as one wants of what is there. */
    @Override
    public long available(Task unwanted) {
        return others(unwanted).isEmpty() ? 0 : Integer.MAX_VALUE;
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        List<ClassGaussian> others = others(unwanted);
        if (others.isEmpty()) {
            return List.of();
        }
        SplittableRandom random = new SplittableRandom(seed + draws++);
        int[] chosen = random.ints(size, 0, others.size()).sorted().toArray();
        Map<ClassGaussian.Form, Drawing> byForm = new LinkedHashMap<>();
        for (int which : chosen) {
            ClassGaussian one = others.get(which);
            byForm.computeIfAbsent(one.form(), Drawing::new).add(one, random);
        }
        return byForm.values().stream().map(drawing -> drawing.batch(manager)).toList();
    }

    @Override
    public long erase(String subject) {
        return 0;
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text("classes", String.valueOf(classes.size()));
        memory.text("draws", String.valueOf(draws));
        IntStream.range(0, classes.size()).forEach(i -> classes.get(i).save(memory, "class-" + i));
    }

    @Override
    public void restore(MemoryReader memory) {
        draws = Long.parseLong(memory.text("draws").orElseThrow());
        int count = Integer.parseInt(memory.text("classes").orElseThrow());
        try (NDManager read = memory.manager().newSubManager()) {
            IntStream.range(0, count)
                    .mapToObj(i -> ClassGaussian.restored(memory, "class-" + i, read))
                    .forEach(classes::add);
        }
    }

    @Override
    public void close() {
        classes.clear();
    }

    private List<ClassGaussian> others(Task unwanted) {
        return classes.stream().filter(one -> !one.isOf(unwanted)).toList();
    }
}
