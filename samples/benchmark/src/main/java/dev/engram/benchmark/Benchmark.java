package dev.engram.benchmark;

import dev.engram.benchmark.base.BaseCommand;
import dev.engram.benchmark.choose.ChooseCommand;
import dev.engram.benchmark.cost.FisherCost;
import dev.engram.benchmark.cost.IsolationCost;
import dev.engram.benchmark.cost.OnnxCost;
import dev.engram.benchmark.cost.ServingCost;
import dev.engram.benchmark.cost.StepCost;
import dev.engram.benchmark.cost.StoreCost;
import dev.engram.benchmark.experiment.Experiment;
import dev.engram.benchmark.experiment.MeasuredFile;
import dev.engram.benchmark.experiment.TrainingOptions;
import dev.engram.benchmark.meta.MetaCommand;
import dev.engram.benchmark.results.RunResult;
import dev.engram.benchmark.results.TablesCommand;
import dev.engram.benchmark.sleep.SleepCommand;
import dev.engram.benchmark.text.TextCommand;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.command.Sample;
import dev.engram.scenarios.images.TrainAndTest;
import dev.engram.scenarios.results.MallocSetting;
import dev.engram.scenarios.results.Provenance;
import dev.engram.scenarios.results.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Strategies by seeds in one process: retention, time and memory, as text and as JSON. */
@Command(
        name = "benchmark",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {
            ChooseCommand.class,
            TablesCommand.class,
            BaseCommand.class,
            SleepCommand.class,
            MetaCommand.class,
            TextCommand.class
        },
        description = "Measures what strategies keep, and what they cost.")
public final class Benchmark implements Callable<Integer> {

    private static final String STEP_COST = "step-cost";
    private static final String FISHER_COST = "fisher-cost";
    private static final String STORE_COST = "store-cost";
    private static final String ISOLATION_COST = "isolation-cost";
    private static final String ONNX_COST = "onnx-cost";
    private static final String SERVING = "isolation-serving";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--protocol", description = TrainingOptions.PROTOCOLS)
    private String protocol = "";

    @Mixin private TrainingOptions training = new TrainingOptions();

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(1);

    @Option(
            names = "--json",
            description =
                    "file for the results, written after each run; other strategies and seeds that"
                            + " are in it stay")
    private @Nullable Path json;

    @Option(
            names = "--resume",
            description = "measure only what --json does not have with the same settings")
    private boolean resumes;

    @Option(
            names = "--defaults",
            description = "every strategy with its built-in defaults, no presets")
    private boolean defaults;

    @Option(
            names = "--validate",
            arity = "0..1",
            fallbackValue = "10000",
            description =
                    "test on the last training images (10000 unless a number follows), which are"
                            + " then not learnt from")
    private int validate;

    @Option(names = "--set", description = "a setting of a strategy: ewc-online.lambda=0.01")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(
            names = "--control-batch",
            description = "step-cost: batch size of the unguarded steps; default: the same")
    private @Nullable Integer controlBatch;

    @Option(names = "--tasks", split = ",", description = "step-cost: after so many tasks (2,20)")
    private List<Integer> tasks = List.of(2, 20);

    @Option(
            names = "--steps",
            description = "step-cost, onnx-cost: measured steps of each kind (1000)")
    private int steps = 1000;

    @Option(names = "--dropout", description = "isolation-cost: the layers' (${DEFAULT-VALUE})")
    private float dropout = 0.1f;

    @Option(
            names = "--requests",
            description = "isolation-serving: of each thread for each task (${DEFAULT-VALUE})")
    private int requests = 10_000;

    @Option(names = "--samples", description = "store-cost: how many samples (${DEFAULT-VALUE})")
    private long samples = 1_000_000;

    @Option(names = "--sealed", description = "store-cost: with a key")
    private boolean sealed;

    /** Runs the program. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
        System.exit(Sample.run(new Benchmark(), args));
    }

    @Override
    public Integer call() throws IOException {
        Presets presets = defaults ? Presets.none(overrides) : new Presets(overrides);
        List<String> strategies = training.strategies;
        presets.requireUsed(strategies);
        System.out.println("glibc: " + MallocSetting.describe());
        // Nothing else may lie on the heap where the store's share of it is measured.
        MeasuredFile file = json == null ? null : file(json, presets);
        List<RunResult> results =
                switch (protocol) {
                    case STORE_COST -> new StoreCost(samples, sealed).run();
                    case ISOLATION_COST ->
                            new IsolationCost(steps, dropout, presets).run(strategies);
                    case ONNX_COST -> new OnnxCost(steps).run();
                    case SERVING -> new ServingCost(requests, presets).run(strategies);
                    default -> train(presets, file);
                };
        if (file != null) {
            results.stream()
                    .collect(
                            Collectors.groupingBy(
                                    run -> run.strategy, LinkedHashMap::new, Collectors.toList()))
                    .forEach(file::put);
            System.out.println("Wrote " + json);
        }
        return 0;
    }

    private List<RunResult> train(Presets presets, @Nullable MeasuredFile file) {
        if (protocol.equals(STEP_COST)) {
            return stepCost(presets, training.images(validate)).run(training.strategies);
        }
        if (protocol.equals(FISHER_COST)) {
            Protocol shape = shape(List.of(400, 400), 128);
            return new FisherCost(shape, training.images(validate)).run();
        }
        Protocol trained = training.protocol(protocol);
        TrainAndTest images = training.images(validate);
        Experiment experiment = new Experiment(trained, training.scenario, presets, images);
        experiment.requireKnown(training.strategies);
        for (String strategy : training.strategies) {
            List<Integer> missing = missing(strategy, file);
            if (!missing.isEmpty()) {
                experiment.run(
                        List.of(strategy),
                        missing,
                        run -> {
                            if (file != null) {
                                file.put(strategy, List.of(run));
                            }
                        });
            }
        }
        return List.of();
    }

    private List<Integer> missing(String strategy, @Nullable MeasuredFile file) {
        return file == null || !resumes
                ? seeds
                : seeds.stream().filter(seed -> !file.holds(strategy, seed)).toList();
    }

    private StepCost stepCost(Presets presets, TrainAndTest images) {
        Protocol shape = shape(List.of(1000, 1000), 256);
        return new StepCost(
                shape,
                controlBatch == null ? shape.batchSize() : controlBatch,
                tasks,
                presets,
                images);
    }

    private Protocol shape(List<Integer> defaultHidden, int defaultBatch) {
        return new Protocol(
                protocol,
                training.hidden == null ? defaultHidden : training.hidden,
                training.batch == null ? defaultBatch : training.batch,
                steps,
                0,
                1e-3f,
                false);
    }

    private MeasuredFile file(Path json, Presets presets) {
        return new MeasuredFile(
                new ResultFile(json, head(presets)),
                Provenance.now("benchmark", spec.commandLine().getParseResult().originalArgs()),
                presets,
                protocol,
                training.scenario);
    }

    private Map<String, String> head(Presets presets) {
        Map<String, String> head = new LinkedHashMap<>();
        head.put("protocol", protocol);
        head.put("settings", presets.describe());
        if (protocol.contains("mnist")) {
            head.put("scenario", training.scenario.name().toLowerCase(Locale.ROOT));
            head.put("training", Experiment.describe(training.protocol(protocol)));
            head.put("tested", training.tested(validate));
        }
        return head;
    }
}
