package dev.engram.benchmark.sleep;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.ScenarioTask;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.TaskLoss;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.Images;
import dev.engram.sleep.Sleep;
import dev.engram.sleep.SleepReport;
import dev.engram.sleep.WeightsFollower;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;
import org.jspecify.annotations.Nullable;

/** One seed: five tasks, and one night after the last. */
final class SleptRun {

    private static final int FIRST = 2;
    private static final String NAME = "mlp";
    private static final Set<String> WITHOUT_SAMPLES =
            Set.of("none", "ewc", "ewc-online", "si", "mas", "lwf", "averaging");

    private final TaskSequence tasks;
    private final Protocol protocol;
    private final String strategy;
    private final int seed;
    private final SleepOptions options;
    private final List<Part> parts = new ArrayList<>();

    SleptRun(
            TaskSequence tasks,
            Protocol protocol,
            String strategy,
            int seed,
            SleepOptions options) {
        this.tasks = tasks;
        this.protocol = protocol;
        this.strategy = strategy;
        this.seed = seed;
        this.options = options;
    }

    /** Returns what came of each setting. */
    Map<SleepOptions.Setting, Result> run() {
        try {
            return run(Files.createTempDirectory("sleep"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<SleepOptions.Setting, Result> run(Path directory) throws IOException {
        Engine.getInstance().setRandomSeed(seed);
        List<Double> learnt = new ArrayList<>();
        Map<SleepOptions.Setting, Result> results = new LinkedHashMap<>();
        try (Model model = Mlp.model(protocol.hidden(), tasks.outputs());
                ForgettingListener listener = listener()) {
            for (int i = 0; i < tasks.names().size(); i++) {
                Part part = Part.of(tasks.task(i), options.probe);
                parts.add(part);
                train(model, part, listener, follower(directory));
                learnt.add(accuracy(model, part));
            }
            List<Double> before = accuracies(model);
            Path file = directory.resolve("before");
            model.save(file, NAME);
            for (SleepOptions.Setting setting : options.settings()) {
                model.load(file, NAME);
                SleepReport report = sleep(model, listener, directory, setting);
                results.put(setting, new Result(learnt, before, accuracies(model), report));
                if (options.reports) {
                    System.out.println(report);
                }
                // It was learnt from the same weights, so the next setting would begin with it.
                Files.deleteIfExists(directory.resolve("accepted.safetensors"));
            }
        } catch (MalformedModelException e) {
            throw new IOException(e);
        }
        return results;
    }

    private WeightsFollower follower(Path directory) {
        WeightsFollower follower = WeightsFollower.in(directory, options.decay);
        return options.kept > 0 ? follower.keeping(options.kept) : follower;
    }

    private @Nullable ForgettingListener listener() {
        return strategy.equals("none")
                ? null
                : ForgettingListener.builder().addStrategy(strategy).optSeed(seed).build();
    }

    private void train(
            Model model,
            Part part,
            @Nullable ForgettingListener listener,
            WeightsFollower follower) {
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(TaskLoss.of(tasks, part.task(), model.getNDManager()))
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(
                                                Tracker.fixed(protocol.learningRate()))
                                        .build())
                        .addTrainingListeners(follower);
        if (listener != null) {
            listener.nextTask(part.task().name());
            config.addTrainingListeners(listener);
        }
        Random random = new Random(seed * 31L + part.task().name().hashCode());
        try (DeviceImages images = new DeviceImages(part.learnt(), model.getNDManager());
                Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(protocol.batchSize(), tasks.features()));
            for (int step = 0; step < protocol.iterations(); step++) {
                try (Batch batch =
                        images.batch(protocol.batchSize(), random, trainer.getManager())) {
                    SequenceRun.step(trainer, batch);
                }
            }
            trainer.notifyListeners(each -> each.onEpoch(trainer));
        }
    }

    private SleepReport sleep(
            Model model,
            @Nullable ForgettingListener listener,
            Path directory,
            SleepOptions.Setting setting) {
        try (NDManager data = model.getNDManager().newSubManager()) {
            Sleep.Builder sleep = options.sleep(setting, seed).optDirectory(directory);
            for (Part part : parts) {
                String task = part.task().name();
                sleep.addProbe(task, dataset(part.probe(), data, true));
                if (hasInputs()) {
                    sleep.addInputs(task, dataset(part.unlabelled(), data, false));
                }
            }
            if (listener != null) {
                sleep.optMemory(listener::sleeping);
            }
            return sleep.build().consolidate(model);
        }
    }

    /** Who keeps no samples sleeps over inputs that nobody labelled. */
    private boolean hasInputs() {
        return WITHOUT_SAMPLES.contains(strategy);
    }

    private ArrayDataset dataset(Images images, NDManager owner, boolean labelled) {
        DeviceImages there = new DeviceImages(images, owner);
        ArrayDataset.Builder builder =
                new ArrayDataset.Builder()
                        .setData(there.pixels())
                        .setSampling(labelled ? images.count() : 64, !labelled);
        return (labelled ? builder.optLabels(there.labels()) : builder).build();
    }

    private List<Double> accuracies(Model model) {
        return parts.stream().map(part -> accuracy(model, part)).toList();
    }

    private double accuracy(Model model, Part part) {
        try (NDManager call = model.getNDManager().newSubManager();
                DeviceImages test = new DeviceImages(part.task().test(), call)) {
            return test.accuracy(model.getBlock(), TaskLoss.outputMask(tasks, part.task(), call));
        }
    }

    /** A task's images: those that are learnt, those that judge, those that nobody labelled. */
    private record Part(ScenarioTask task, Images learnt, Images probe, Images unlabelled) {

        static Part of(ScenarioTask task, int probe) {
            Images all = task.train();
            int kept = all.count() - 2 * probe;
            return new Part(
                    task,
                    some(all, 0, kept),
                    some(all, kept, kept + probe),
                    some(all, kept + probe, all.count()));
        }

        private static Images some(Images all, int from, int to) {
            int[] rows = IntStream.range(from, to).toArray();
            return all.select(rows, IntStream.of(rows).map(row -> all.labels()[row]).toArray());
        }
    }

    /**
     * What came of it, on test images.
     *
     * @param learnt accuracy of each task when it was learnt
     * @param before of each task before the night
     * @param after of each task after it
     */
    record Result(
            List<Double> learnt, List<Double> before, List<Double> after, SleepReport report) {

        /** Returns how much of what was forgotten of the first two tasks is there again. */
        double wonBack() {
            double forgotten = first(learnt) - first(before);
            return (first(after) - first(before)) / forgotten;
        }

        private static double first(List<Double> accuracies) {
            return mean(accuracies.subList(0, FIRST));
        }

        private static double mean(List<Double> values) {
            return Mean.of(array(values)).getAsDouble();
        }

        private static double[] array(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }

        private boolean bothRise() {
            return IntStream.range(0, FIRST).allMatch(i -> after.get(i) > before.get(i));
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "first two %.2f -> %.2f -> %.2f (won back %.0f %%), all %.2f -> %.2f, last"
                            + " %.2f -> %.2f; %s, %d steps, %.1f s",
                    100 * first(learnt),
                    100 * first(before),
                    100 * first(after),
                    100 * wonBack(),
                    100 * mean(before),
                    100 * mean(after),
                    100 * before.get(before.size() - 1),
                    100 * after.get(after.size() - 1),
                    report.outcome(),
                    report.steps(),
                    report.took().toMillis() / 1e3);
        }

        static String summary(String strategy, List<Result> all) {
            List<Double> first = all.stream().map(r -> first(r.after) - first(r.before)).toList();
            List<Double> mean = all.stream().map(r -> mean(r.after) - mean(r.before)).toList();
            List<Double> share = all.stream().map(Result::wonBack).toList();
            return String.format(
                    Locale.ROOT,
                    "%s: first two tasks %s points, of what was forgotten %s %%, all tasks %s"
                            + " points; both rise in %d of %d seeds%n",
                    strategy,
                    percent(first),
                    percent(share),
                    percent(mean),
                    all.stream().filter(Result::bothRise).count(),
                    all.size());
        }

        private static String percent(List<Double> values) {
            double error =
                    StandardDeviation.of(array(values)).getAsDouble() / Math.sqrt(values.size());
            return String.format(Locale.ROOT, "%+.2f ± %.2f", 100 * mean(values), 100 * error);
        }
    }
}
