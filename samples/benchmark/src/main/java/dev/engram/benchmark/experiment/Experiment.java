package dev.engram.benchmark.experiment;

import dev.engram.api.metrics.Retention;
import dev.engram.benchmark.cost.PeakMemory;
import dev.engram.benchmark.results.MeanAndError;
import dev.engram.benchmark.results.RunResult;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.SequenceRun.Outcome;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** Runs a protocol for every strategy and seed. */
public final class Experiment {

    private static final int PERMUTATIONS = 10;
    private static final int SIX = 6;

    private final Protocol protocol;
    private final Scenario scenario;
    private final Presets presets;
    private final TrainAndTest images;

    public Experiment(Protocol protocol, Scenario scenario, Presets presets, TrainAndTest images) {
        this.protocol = protocol;
        this.scenario = scenario;
        this.presets = presets;
        this.images = images;
    }

    public List<RunResult> run(List<String> strategies, List<Integer> seeds) {
        return run(strategies, seeds, run -> {});
    }

    /**
     * Runs strategies.
     *
     * @param measured told each run when it ends, so that what was measured outlives an accident
     */
    public List<RunResult> run(
            List<String> strategies, List<Integer> seeds, Consumer<RunResult> measured) {
        requireKnown(strategies);
        System.out.printf("%s, %s-incremental: %s%n", protocol.name(), lower(), describe(protocol));
        List<RunResult> results = new ArrayList<>();
        for (String strategy : strategies) {
            System.out.println(
                    strategy.equals(RunResult.NONE) ? strategy : settings(strategy).toString());
            List<RunResult> ofStrategy = new ArrayList<>();
            for (int seed : seeds) {
                RunResult result = run(strategy, seed);
                measured.accept(result);
                ofStrategy.add(result);
            }
            summarise(strategy, ofStrategy);
            results.addAll(ofStrategy);
        }
        return results;
    }

    /** Says how a protocol trains. */
    public static String describe(Protocol protocol) {
        return "hidden %s, batch %s, %s, %s"
                .formatted(
                        protocol.hidden(),
                        protocol.batchSize(),
                        protocol.epochs() == 0
                                ? protocol.iterations() + " steps a task"
                                : protocol.epochs() + " epochs a task",
                        protocol.keepsOptimizer() ? "one Adam for all tasks" : "a new Adam a task");
    }

    private RunResult run(String strategy, int seed) {
        TaskSequence sequence = sequence(protocol, scenario, images, seed);
        try (SolvedTeacher teacher =
                        strategy.equals(TaughtVae.NAME)
                                ? new SolvedTeacher(sequence, protocol, seed)
                                : null;
                ForgettingListener listener =
                        strategy.equals(RunResult.NONE) ? null : listener(strategy, teacher);
                ProgressBar bar = bar(strategy, seed, sequence.names().size())) {
            Consumer<String> progress =
                    done -> {
                        bar.step();
                        bar.setExtraMessage(done);
                        if (teacher != null) {
                            teacher.onTaskEnd();
                        }
                    };
            Outcome outcome =
                    SolvedHead.of(strategy)
                            .map(head -> solved(head, sequence, seed, listener, progress))
                            .orElseGet(
                                    () ->
                                            new SequenceRun(
                                                    sequence, protocol, seed, listener, progress))
                            .run();
            return result(strategy, seed, outcome);
        }
    }

    /** Returns the tasks of a protocol. */
    public static TaskSequence sequence(
            Protocol protocol, Scenario scenario, TrainAndTest images, long seed) {
        int tasks = protocol.name().endsWith("-6") ? SIX : PERMUTATIONS;
        return sequence(protocol, scenario, images, tasks, seed);
    }

    /** Returns as many tasks as are wanted, as a protocol has them; of splits all. */
    public static TaskSequence sequence(
            Protocol protocol, Scenario scenario, TrainAndTest images, int tasks, long seed) {
        if (protocol.name().startsWith("split")) {
            return TaskSequence.split(images, scenario, 2, seed);
        }
        return protocol.name().startsWith("rotated")
                ? TaskSequence.rotated(images, scenario, tasks, seed)
                : TaskSequence.permuted(images, scenario, tasks, seed);
    }

    private SequenceRun solved(
            SolvedHead head,
            TaskSequence sequence,
            int seed,
            @Nullable ForgettingListener listener,
            Consumer<String> progress) {
        return new SequenceRun(
                sequence,
                SolvedHead.once(protocol),
                seed,
                listener,
                progress,
                outputs -> head.model(outputs, seed));
    }

    private RunResult result(String strategy, int seed, Outcome outcome) {
        Retention retention = Retention.of(outcome.matrix());
        RunResult result = new RunResult(protocol.name(), lower(), strategy, seed);
        result.averageAccuracy = retention.averageAccuracy();
        result.accuracyMatrix = outcome.matrix().toArray();
        result.meanForgetting = retention.meanForgetting();
        result.trainSeconds = outcome.trainSeconds();
        result.processorSeconds = outcome.processorSeconds();
        result.stepMillis = 1000 * outcome.trainSeconds() / outcome.steps();
        result.peakMegabytes = PeakMemory.megabytes();
        double justLearnt = justLearnt(outcome);
        result.justLearnt = justLearnt;
        System.out.printf(
                "  seed %d: average %.2f %%, when just learnt %.2f %%, forgot %.2f, %.1f s"
                        + " (%.1f s of processor), %.2f ms a step%n",
                seed,
                100 * retention.averageAccuracy(),
                100 * justLearnt,
                100 * retention.meanForgetting(),
                outcome.trainSeconds(),
                outcome.processorSeconds(),
                result.stepMillis);
        return result;
    }

    /** Returns the mean accuracy of the tasks when each was just learnt. */
    public static double justLearnt(Outcome outcome) {
        double sum = 0;
        for (int i = 0; i < outcome.matrix().learnt(); i++) {
            sum += outcome.matrix().at(i, i);
        }
        return sum / outcome.matrix().learnt();
    }

    private static void summarise(String strategy, List<RunResult> results) {
        double[] accuracies = results.stream().mapToDouble(RunResult::accuracy).toArray();
        System.out.printf(
                "%s: average accuracy %s %%, mean and standard error of %d seeds%n",
                strategy, MeanAndError.of(accuracies).percent(), accuracies.length);
    }

    /** Refuses what could not run, before anything trains. */
    public void requireKnown(List<String> strategies) {
        strategies.stream()
                .filter(strategy -> !strategy.equals(RunResult.NONE))
                .forEach(strategy -> listener(strategy, null).close());
    }

    private ForgettingListener listener(String strategy, @Nullable SolvedTeacher teacher) {
        if (strategy.equals(TaughtVae.NAME)) {
            return TaughtVae.listener(teacher == null ? UnaryOperator.identity() : teacher);
        }
        ForgettingListener.Builder builder = ForgettingListener.builder();
        settings(strategy).forEach(builder::addStrategy);
        return builder.build();
    }

    private Map<String, Map<String, String>> settings(String strategy) {
        return presets.settings(protocol.name(), scenario, SolvedHead.id(strategy));
    }

    private String lower() {
        return scenario.name().toLowerCase(Locale.ROOT);
    }

    private static ProgressBar bar(String strategy, int seed, int tasks) {
        return new ProgressBarBuilder()
                .setTaskName(strategy + " seed " + seed)
                .setInitialMax(tasks)
                .setUpdateIntervalMillis(500)
                .build();
    }
}
