package dev.engram.djl.internal.sample;

import ai.djl.ndarray.NDManager;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.rows.SampleRows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What is drawn from a source, as a sample of each task. */
public final class DrawnSamples implements AutoCloseable {

    /** The task of what happens between trainings: none of the user's. */
    public static final Task NOBODYS = Task.named("engram sleep");

    private final NDManager manager;
    private final Function<NDManager, UniformSample> samples;
    private final Map<String, UniformSample> byTask = new LinkedHashMap<>();

    /**
     * Creates samples that hold nothing yet.
     *
     * @param owner owns them
     * @param samples makes an empty sample for a task
     */
    public DrawnSamples(NDManager owner, Function<NDManager, UniformSample> samples) {
        this.manager = owner.newSubManager();
        this.samples = samples;
    }

    /** Draws as many as there are, up to so many for each task on average. */
    public void draw(ReplaySource source, int perTask) {
        long wanted = (long) perTask * source.tasks().size();
        int size = (int) Math.min(wanted, source.available(NOBODYS));
        if (size < 1) {
            return;
        }
        try (NDManager call = manager.newSubManager()) {
            source.draw(NOBODYS, size, call).forEach(this::take);
        }
    }

    private void take(ReplayedBatch batch) {
        List<String> tasks = batch.tasks();
        int from = 0;
        while (from < tasks.size()) {
            String task = tasks.get(from);
            int to = from + 1;
            while (to < tasks.size() && tasks.get(to).equals(task)) {
                to++;
            }
            byTask.computeIfAbsent(task, name -> samples.apply(manager))
                    .observe(
                            SampleRows.of(batch.data(), tasks.size(), from, to),
                            SampleRows.of(batch.labels(), tasks.size(), from, to),
                            List.of());
            from = to;
        }
    }

    /** Returns the samples of tasks, in their order; none at all if one of them has none. */
    public Map<String, UniformSample> of(List<String> tasks) {
        if (!byTask.keySet().containsAll(tasks)) {
            return Map.of();
        }
        Map<String, UniformSample> ordered = new LinkedHashMap<>();
        tasks.forEach(task -> ordered.put(task, byTask.get(task)));
        return ordered;
    }

    @Override
    public void close() {
        byTask.values().forEach(UniformSample::close);
        manager.close();
    }
}
