package dev.engram.benchmark.meta;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import dev.engram.api.metrics.Retention;
import dev.engram.benchmark.experiment.Experiment;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.metalearning.MetaOutcome;
import dev.engram.metalearning.MetaTask;
import dev.engram.metalearning.MetaTrainer;
import dev.engram.scenarios.Mlp;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.SequenceRun.Outcome;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.Images;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One seed: what is learnt before, and the same tasks with and without it. */
final class MetaRun {

    private static final String PLAIN = "plain";
    private static final String FROM_THERE = "meta-learned initialisation";
    private static final String META_SGD = "meta-sgd";
    private static final String SIZES_ALONE = "meta-sgd's step sizes alone";

    /** What the same tasks are learnt with. */
    static final List<String> WAYS = List.of(PLAIN, FROM_THERE, META_SGD, SIZES_ALONE);

    /** Tasks of the stream are of no seed that anything is measured with. */
    private static final long OTHERS = 1_000_000;

    private final Protocol protocol;
    private final TrainAndTest images;
    private final MetaOptions options;
    private final int seed;

    MetaRun(Protocol protocol, TrainAndTest images, MetaOptions options, int seed) {
        this.protocol = protocol;
        this.images = images;
        this.options = options;
        this.seed = seed;
    }

    Map<String, Result> run() throws IOException {
        Path sizes = Files.createTempFile("engram-step-sizes", ".safetensors");
        Map<String, Result> results = new LinkedHashMap<>();
        try (Model learnt = model()) {
            learn(learnt, sizes);
            Map<String, String> frozen = Map.of("file", sizes.toString());
            results.put(PLAIN, sequence(null, null));
            results.put(FROM_THERE, sequence(learnt, null));
            results.put(META_SGD, sequence(learnt, frozen));
            results.put(SIZES_ALONE, sequence(null, frozen));
        } finally {
            Files.deleteIfExists(sizes);
        }
        return results;
    }

    private Model model() {
        Engine.getInstance().setRandomSeed(seed);
        Model model = Mlp.model(protocol.hidden(), images.train().classes());
        model.getBlock()
                .initialize(
                        model.getNDManager(),
                        DataType.FLOAT32,
                        new Shape(protocol.batchSize(), images.train().features()));
        return model;
    }

    private void learn(Model model, Path sizes) {
        MetaTrainer trainer =
                MetaTrainer.builder()
                        .setModel(model)
                        .setLoss(Loss.softmaxCrossEntropyLoss())
                        .setTasks(stream(model))
                        .optMethod(options.method)
                        .optInner(options.inner, options.innerRate, options.innerSteps)
                        .optOuterRate(options.outerRate)
                        .optStepRate(options.stepRate)
                        .optStepSizes(options.per, options.initial, options.most)
                        .optRemember(options.remember, options.stream)
                        .optHead(name -> name.startsWith(lastLayer(model)))
                        .optRounds(options.rounds)
                        .optProgress(
                                50,
                                progress -> {
                                    if (options.verbose) {
                                        System.out.println(progress);
                                    }
                                })
                        .optSeed(seed)
                        .build();
        try (MetaOutcome outcome = trainer.train()) {
            outcome.stepSizes().save(sizes);
            if (options.verbose) {
                outcome.stepSizes().byName().forEach(MetaRun::show);
            }
        }
    }

    private static void show(String name, NDArray sizes) {
        System.out.printf(
                Locale.ROOT,
                "  %s %s: %.3f, from %.3f to %.3f%n",
                name,
                sizes.getShape(),
                sizes.mean().getFloat(),
                sizes.min().getFloat(),
                sizes.max().getFloat());
    }

    private static String lastLayer(Model model) {
        List<String> names = model.getBlock().getParameters().keys();
        String last = names.get(names.size() - 1);
        return last.substring(0, last.indexOf('_'));
    }

    private List<MetaTask> stream(Model model) {
        Images some = images.train().range(0, options.images);
        TaskSequence sequence =
                Experiment.sequence(
                        protocol,
                        Scenario.DOMAIN,
                        new TrainAndTest(some, some),
                        options.stream + 1,
                        seed + OTHERS);
        List<MetaTask> stream = new ArrayList<>();
        // The first permutation is none at all.
        for (int i = 1; i <= options.stream; i++) {
            DeviceImages task = new DeviceImages(sequence.task(i).train(), model.getNDManager());
            Random random = new Random(seed * 31L + i);
            stream.add(manager -> task.batch(protocol.batchSize(), random, manager));
        }
        return stream;
    }

    private Result sequence(@Nullable Model learnt, @Nullable Map<String, String> frozen) {
        TaskSequence tasks = Experiment.sequence(protocol, Scenario.DOMAIN, images, seed);
        try (ForgettingListener listener =
                frozen == null
                        ? null
                        : ForgettingListener.builder().addStrategy(META_SGD, frozen).build()) {
            return Result.of(
                    new SequenceRun(
                                    tasks,
                                    protocol,
                                    seed,
                                    listener,
                                    done -> {},
                                    outputs ->
                                            learnt == null
                                                    ? Mlp.model(protocol.hidden(), outputs)
                                                    : copy(learnt))
                            .run());
        }
    }

    private Model copy(Model learnt) {
        Model copy = model();
        for (Pair<String, Parameter> entry : learnt.getBlock().getParameters()) {
            NDArray to = copy.getBlock().getParameters().get(entry.getKey()).getArray();
            EngineMemory.write(entry.getValue().getArray(), to);
        }
        return copy;
    }

    /**
     * What was kept.
     *
     * @param average accuracy at the end
     * @param justLearnt mean accuracy of tasks when they were just learnt
     * @param forgotten mean, from a task's best to the end
     */
    record Result(double average, double justLearnt, double forgotten) {

        static Result of(Outcome outcome) {
            Retention retention = Retention.of(outcome.matrix());
            return new Result(
                    retention.averageAccuracy(),
                    Experiment.justLearnt(outcome),
                    retention.meanForgetting());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "average %.2f %%, when just learnt %.2f %%, forgot %.2f",
                    100 * average,
                    100 * justLearnt,
                    100 * forgotten);
        }
    }
}
