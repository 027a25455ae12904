package dev.engram.benchmark;

import dev.engram.api.metrics.Retention;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.ForgettingListenerBuilder;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.SequenceRun.Outcome;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.TrainAndTest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/** Runs a protocol for every strategy and seed. */
final class Experiment {

    private static final int PERMUTATIONS = 10;

    private final Protocol protocol;
    private final Scenario scenario;
    private final Presets presets;
    private final TrainAndTest images;

    Experiment(Protocol protocol, Scenario scenario, Presets presets, TrainAndTest images) {
        this.protocol = protocol;
        this.scenario = scenario;
        this.presets = presets;
        this.images = images;
    }

    List<RunResult> run(List<String> strategies, List<Integer> seeds) {
        strategies.stream().filter(s -> !s.equals("none")).forEach(this::requireKnown);
        System.out.printf(
                "%s, %s-incremental: hidden %s, batch %d, %s, %s%n",
                protocol.name(),
                lower(),
                protocol.hidden(),
                protocol.batchSize(),
                protocol.epochs() == 0
                        ? protocol.iterations() + " steps a task"
                        : protocol.epochs() + " epochs a task",
                protocol.keepsOptimizer() ? "one Adam for all tasks" : "a new Adam a task");
        List<RunResult> results = new ArrayList<>();
        for (String strategy : strategies) {
            System.out.println(strategy.equals("none") ? strategy : settings(strategy).toString());
            List<RunResult> ofStrategy = new ArrayList<>();
            for (int seed : seeds) {
                ofStrategy.add(run(strategy, seed));
            }
            summarise(strategy, ofStrategy);
            results.addAll(ofStrategy);
        }
        return results;
    }

    private RunResult run(String strategy, int seed) {
        TaskSequence sequence =
                protocol.name().startsWith("split")
                        ? TaskSequence.split(images, scenario, 2, seed)
                        : TaskSequence.permuted(images, scenario, PERMUTATIONS, seed);
        try (ForgettingListener listener = strategy.equals("none") ? null : listener(strategy);
                ProgressBar bar = bar(strategy, seed, sequence.names().size())) {
            Outcome outcome =
                    new SequenceRun(
                                    sequence,
                                    protocol,
                                    seed,
                                    listener,
                                    done -> {
                                        bar.step();
                                        bar.setExtraMessage(done);
                                    })
                            .run();
            return result(strategy, seed, outcome);
        }
    }

    private RunResult result(String strategy, int seed, Outcome outcome) {
        Retention retention = Retention.of(outcome.matrix());
        RunResult result = new RunResult(protocol.name(), lower(), strategy, seed);
        result.averageAccuracy = retention.averageAccuracy();
        result.accuracyMatrix = outcome.matrix().toArray();
        result.meanForgetting = retention.meanForgetting();
        result.trainSeconds = outcome.trainSeconds();
        result.stepMillis = 1000 * outcome.trainSeconds() / outcome.steps();
        result.peakMegabytes = PeakMemory.megabytes();
        double justLearnt = 0;
        for (int i = 0; i < outcome.matrix().learnt(); i++) {
            justLearnt += outcome.matrix().at(i, i) / outcome.matrix().learnt();
        }
        System.out.printf(
                "  seed %d: average %.2f %%, when just learnt %.2f %%, forgot %.2f, %.1f s, %.2f ms"
                        + " a step%n",
                seed,
                100 * retention.averageAccuracy(),
                100 * justLearnt,
                100 * retention.meanForgetting(),
                outcome.trainSeconds(),
                result.stepMillis);
        return result;
    }

    private static void summarise(String strategy, List<RunResult> results) {
        double[] accuracies =
                results.stream()
                        .mapToDouble(r -> r.averageAccuracy == null ? 0 : r.averageAccuracy)
                        .toArray();
        DoubleStatistics statistics =
                DoubleStatistics.of(
                        EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), accuracies);
        double mean = 100 * statistics.getAsDouble(Statistic.MEAN);
        if (accuracies.length < 2) {
            System.out.printf("%s: average accuracy %.2f %% (one seed)%n", strategy, mean);
            return;
        }
        double error =
                statistics.getAsDouble(Statistic.STANDARD_DEVIATION) / Math.sqrt(accuracies.length);
        System.out.printf(
                "%s: average accuracy %.2f +- %.2f %% (mean and standard error of %d seeds)%n",
                strategy, mean, 100 * error, accuracies.length);
    }

    private void requireKnown(String strategy) {
        listener(strategy).close();
    }

    private ForgettingListener listener(String strategy) {
        ForgettingListenerBuilder builder = ForgettingListener.builder();
        settings(strategy).forEach(builder::addStrategy);
        return builder.build();
    }

    private Map<String, Map<String, String>> settings(String strategy) {
        return presets.settings(protocol.name(), scenario, strategy);
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
