package dev.engram.prompttuning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Safetensors;
import dev.engram.kit.overlay.Detached;
import dev.engram.prompttuning.internal.features.BaseFeatures;
import dev.engram.prompttuning.internal.features.FeatureStatistics;
import dev.engram.prompttuning.internal.features.Likelihood;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tells which task each sample most likely belongs to when nobody says, for the tasks of any
 * registry: soft prompts, adapters, LoRA.
 *
 * <p>Of each task it knows the mean and the variance of what the frozen base sees in its samples,
 * and takes the one under which a sample is likeliest, all tasks being as frequent. It keeps no
 * samples, and may be asked on several threads at once.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class TaskChooser {

    private static final String MEAN = "/mean";

    private final Map<String, FeatureStatistics> statistics;
    private final Function<NDList, NDArray> features;
    private final Likelihood likelihood;

    TaskChooser(Map<String, FeatureStatistics> statistics, Function<NDList, NDArray> features) {
        this.statistics = new LinkedHashMap<>(statistics);
        this.features = features;
        require(this.statistics);
        this.likelihood = new Likelihood(List.copyOf(this.statistics.values()));
    }

    /**
     * Returns a builder over the base of a registry.
     *
     * @throws EngramException if the registry has no tasks
     */
    public static Builder builder(TaskRegistry registry) {
        return new Builder(registry);
    }

    /** Returns the tasks that it chooses from, in the order in which they were added. */
    public List<String> tasks() {
        return List.copyOf(statistics.keySet());
    }

    /**
     * Returns the name of the likeliest task of each sample; waits for the device.
     *
     * @param inputs a batch of samples, on the model's device
     */
    public List<String> choose(NDList inputs) {
        List<String> tasks = tasks();
        List<String> chosen = new ArrayList<>();
        try (NDManager scope = inputs.head().getManager().newSubManager()) {
            NDArray rows = features.apply(Detached.in(scope, inputs));
            int width = (int) rows.getShape().get(1);
            float[] values = rows.toType(DataType.FLOAT32, false).toFloatArray();
            for (int row = 0; row < values.length; row += width) {
                chosen.add(tasks.get(likelihood.best(values, row, width)));
            }
        }
        return chosen;
    }

    /**
     * Writes it as a safetensors file, in the place of one that is there; a crash leaves that one.
     */
    public void save(Path file) throws IOException {
        try (NDManager manager = RequiredEngine.get().newBaseManager(Device.cpu())) {
            Map<String, NDArray> tensors = new LinkedHashMap<>();
            statistics.forEach((task, of) -> of.write(task, tensors, manager));
            AtomicReplacement.write(file, out -> Safetensors.write(tensors, out));
        }
    }

    /**
     * Reads what {@link #save} wrote, for a base with the same values and the features of {@link
     * Builder} unless set.
     *
     * @throws EngramException if the file is damaged or not of a chooser
     */
    public static TaskChooser load(TaskRegistry registry, Path file) throws IOException {
        return load(BaseFeatures.of(registry), file);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param features the function that was set when it was built
     * @throws EngramException if the file is damaged or not of a chooser
     */
    public static TaskChooser load(Function<NDList, NDArray> features, Path file)
            throws IOException {
        Map<String, FeatureStatistics> statistics = new LinkedHashMap<>();
        try (NDManager manager = RequiredEngine.get().newBaseManager(Device.cpu())) {
            Map<String, NDArray> tensors = Safetensors.read(file, manager);
            for (String name : tensors.keySet()) {
                if (name.endsWith(MEAN)) {
                    String task = name.substring(0, name.length() - MEAN.length());
                    statistics.put(task, FeatureStatistics.read(task, tensors));
                }
            }
        }
        return new TaskChooser(statistics, features);
    }

    private static void require(Map<String, FeatureStatistics> statistics) {
        List<String> problems = new ArrayList<>();
        if (statistics.isEmpty()) {
            problems.add("no task was added");
        }
        statistics.forEach(
                (task, of) -> {
                    if (of.isEmpty()) {
                        problems.add("task \"%s\" has no samples".formatted(task));
                    }
                });
        if (statistics.values().stream().mapToInt(FeatureStatistics::width).distinct().count()
                > 1) {
            problems.add("the tasks have different numbers of features");
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "A task cannot be chosen: %s; add each task with samples of its training data"
                            .formatted(String.join("; ", problems)));
        }
    }

    /** Builds a {@link TaskChooser}. */
    public static final class Builder {

        private final Map<String, FeatureStatistics> statistics = new LinkedHashMap<>();
        private Function<NDList, NDArray> features;

        Builder(TaskRegistry registry) {
            this.features = BaseFeatures.of(registry);
        }

        /**
         * Sets what samples are told apart by; set it before the first task.
         *
         * <p>Unless set: the outputs of the base's last layer before its linear head, or of the
         * whole base where no head can be told; their mean over positions if they are sequences.
         *
         * @param function gives one row a sample, and runs on any thread
         */
        public Builder optFeatures(Function<NDList, NDArray> function) {
            if (!statistics.isEmpty()) {
                throw new EngramException(
                        "Tasks %s were added with other features: set features first"
                                .formatted(statistics.keySet()));
            }
            this.features = function;
            return this;
        }

        /**
         * Adds samples of a task: as many as are at hand, dozens at least.
         *
         * @param task a name of the registry
         * @param samples batches of inputs on the model's device; they are not closed
         */
        public Builder addTask(String task, Iterable<NDList> samples) {
            FeatureStatistics of = statistics.computeIfAbsent(task, any -> new FeatureStatistics());
            for (NDList batch : samples) {
                try (NDManager scope = batch.head().getManager().newSubManager()) {
                    of.add(features.apply(Detached.in(scope, batch)));
                }
            }
            return this;
        }

        /**
         * Builds the chooser.
         *
         * @throws EngramException if there are no tasks, or a task without samples
         */
        public TaskChooser build() {
            return new TaskChooser(statistics, features);
        }
    }
}
