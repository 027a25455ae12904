package dev.engram.quickstart;

import ai.djl.engine.Engine;
import ai.djl.translate.TranslateException;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.djl.report.RetentionReport;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.command.Sample;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.IdxFolder;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a model on a sequence of tasks, once plain and once with the listener, and compares. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows what a model forgets, and what it keeps with Engram's listener.")
public final class Quickstart implements Callable<Integer> {

    /** Ways to make tasks of one data set. */
    enum Tasks {
        PERMUTED,
        SPLIT
    }

    private static final int DRAWN_TRAIN = 6000;
    private static final int DRAWN_TEST = 1000;
    private static final int PERMUTATIONS = 5;

    @Option(names = "--data", description = "folder with MNIST's IDX files; default: drawn digits")
    private @Nullable Path data;

    @Option(names = "--scenario", description = "task, domain or class (${DEFAULT-VALUE})")
    private Scenario scenario = Scenario.DOMAIN;

    @Option(names = "--tasks", description = "permuted or split (${DEFAULT-VALUE})")
    private Tasks tasks = Tasks.PERMUTED;

    @Option(
            names = "--strategy",
            description = "none, ewc-online, er, ewc-online+er, ... (${DEFAULT-VALUE})")
    private String strategy = "ewc-online";

    @Option(names = "--seed", description = "seed of everything random (${DEFAULT-VALUE})")
    private int seed = 1;

    @Option(names = "--iters", description = "training steps a task (${DEFAULT-VALUE})")
    private int iterations = 300;

    @Option(names = "--set", description = "a setting of the strategy: ewc-online.lambda=0.01")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--memory", description = "directory that keeps what was learnt")
    private @Nullable Path memory;

    @Option(names = "--out", description = "folder of the reports (${DEFAULT-VALUE})")
    private Path out = Path.of(".");

    /** Runs the program. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
        System.exit(Sample.run(new Quickstart(), args));
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        if (iterations < 1) {
            throw new BadInputException("--iters " + iterations + ": give 1 or more");
        }
        Map<String, Map<String, String>> settings = settings();
        boolean guarded = !strategy.equals("none");
        // Built first: an unknown strategy must not cost a training.
        try (ForgettingListener listener = guarded ? listener(settings) : null) {
            TaskSequence sequence = sequence();
            Map<String, String> facts = facts(settings);
            facts.forEach((key, value) -> System.out.println(key + ": " + value));
            List<ReportedRun> runs = runs(sequence, listener);
            new ComparisonTable(runs).print(System.out);
            System.out.println(
                    "Seconds are one run's, consolidation included; for the cost of a step run the"
                            + " benchmark's --protocol step-cost.");
            new RetentionReport("Retention: " + strategy, facts, runs).write(out);
            System.out.println(
                    "Wrote " + out.resolve("retention.html").normalize() + ", .json and .csv");
        }
        return 0;
    }

    private List<ReportedRun> runs(TaskSequence sequence, @Nullable ForgettingListener listener)
            throws IOException, TranslateException {
        int runs = listener == null ? 1 : 2;
        int steps = sequence.names().size() * iterations * runs + EasyTrainRun.WARM_UP;
        try (ProgressBar bar =
                new ProgressBarBuilder()
                        .setTaskName("Training")
                        .setInitialMax(steps)
                        .setUpdateIntervalMillis(500)
                        .build()) {
            new EasyTrainRun(sequence, EasyTrainRun.WARM_UP, seed, bar).warmUp();
            EasyTrainRun run = new EasyTrainRun(sequence, iterations, seed, bar);
            ReportedRun control = run.train("none", null);
            return listener == null
                    ? List.of(control)
                    : List.of(control, run.train(strategy, listener));
        }
    }

    private ForgettingListener listener(Map<String, Map<String, String>> settings) {
        ForgettingListener.Builder builder = ForgettingListener.builder();
        settings.forEach(builder::addStrategy);
        return (memory == null ? builder : builder.optMemory(memory)).build();
    }

    private Map<String, Map<String, String>> settings() {
        Presets presets = Presets.none(overrides);
        presets.requireUsed(List.of(strategy));
        String protocol = tasks == Tasks.SPLIT ? "split-mnist-500" : "permuted-mnist-10";
        return presets.settings(protocol, scenario, strategy);
    }

    private TaskSequence sequence() {
        TrainAndTest images =
                data == null
                        ? DrawnDigits.draw(DRAWN_TRAIN, DRAWN_TEST, seed)
                        : new IdxFolder(data).read();
        return tasks == Tasks.SPLIT
                ? TaskSequence.split(images, scenario, 2, seed)
                : TaskSequence.permuted(images, scenario, PERMUTATIONS, seed);
    }

    private Map<String, String> facts(Map<String, Map<String, String>> settings) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("data", data == null ? "digits drawn by the sample" : data.toString());
        facts.put("scenario", lower(scenario) + "-incremental, " + lower(tasks) + " tasks");
        facts.put("strategy", settings.toString());
        facts.put("training", iterations + " steps of 128 a task, Adam 1e-3, seed " + seed);
        facts.put("engine", Engine.getInstance() + "");
        return facts;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
