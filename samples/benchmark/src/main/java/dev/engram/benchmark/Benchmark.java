package dev.engram.benchmark;

import com.google.gson.GsonBuilder;
import dev.engram.scenarios.BadInputException;
import dev.engram.scenarios.DrawnDigits;
import dev.engram.scenarios.IdxFolder;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Sample;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TrainAndTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Strategies by seeds in one process: retention, time and memory, as text and as JSON. */
@Command(
        name = "benchmark",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures what strategies keep, and what they cost.")
public final class Benchmark implements Callable<Integer> {

    private static final String STEP_COST = "step-cost";
    private static final String FISHER_COST = "fisher-cost";
    private static final String STORE_COST = "store-cost";
    private static final String ISOLATION_COST = "isolation-cost";
    private static final String ONNX_COST = "onnx-cost";
    private static final String SERVING = "isolation-serving";
    private static final int DRAWN_TRAIN = 20_000;
    private static final int DRAWN_TEST = 2_000;

    @Option(
            names = "--protocol",
            required = true,
            description =
                    "split-mnist-500, permuted-mnist-10, step-cost, isolation-cost,"
                            + " isolation-serving, onnx-cost, fisher-cost or store-cost")
    private String protocol = "";

    @Option(names = "--scenario", description = "task, domain or class (${DEFAULT-VALUE})")
    private Scenario scenario = Scenario.DOMAIN;

    @Option(names = "--strategies", split = ",", description = "none,ewc,... (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("none", "ewc-online");

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(1);

    @Option(names = "--data", description = "folder with IDX files; default: drawn digits")
    private @Nullable Path data;

    @Option(names = "--json", description = "file for the results, one JSON array")
    private @Nullable Path json;

    @Option(names = "--set", description = "a setting of a strategy: ewc-online.lambda=0.01")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(
            names = "--hidden",
            split = ",",
            description = "hidden units, instead of the protocol's")
    private @Nullable List<Integer> hidden;

    @Option(names = "--batch", description = "batch size, instead of the protocol's")
    private @Nullable Integer batch;

    @Option(
            names = "--control-batch",
            description = "step-cost: batch size of the unguarded steps; default: the same")
    private @Nullable Integer controlBatch;

    @Option(names = "--epochs", description = "epochs a task, instead of the protocol's")
    private @Nullable Integer epochs;

    @Option(
            names = "--keep-optimizer",
            description = "Adam's moments go on from task to task, instead of beginning anew")
    private boolean keepsOptimizer;

    @Option(
            names = "--fast",
            description =
                    "permuted-mnist-10 with one epoch, 1000 hidden units and one Adam for all"
                            + " tasks")
    private boolean fast;

    @Option(
            names = "--standardise",
            description = "pixels with mean 0 and deviation 1, as Avalanche's benchmarks have them")
    private boolean standardises;

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
        Presets presets = new Presets(overrides);
        presets.requireUsed(strategies);
        System.out.println("glibc: " + MallocSetting.describe());
        // Nothing else may lie on the heap where the store's share of it is measured.
        List<RunResult> results =
                switch (protocol) {
                    case STORE_COST -> new StoreCost(samples, sealed).run();
                    case ISOLATION_COST ->
                            new IsolationCost(steps, dropout, presets).run(strategies);
                    case ONNX_COST -> new OnnxCost(steps).run();
                    case SERVING -> new ServingCost(requests, presets).run(strategies);
                    default -> train(presets);
                };
        if (json != null) {
            String text = new GsonBuilder().setPrettyPrinting().create().toJson(results);
            Files.writeString(json, text + System.lineSeparator());
            System.out.println("Wrote " + json);
        }
        return 0;
    }

    private List<RunResult> train(Presets presets) throws IOException {
        TrainAndTest read =
                data == null
                        ? DrawnDigits.draw(DRAWN_TRAIN, DRAWN_TEST, 1)
                        : new IdxFolder(data).read();
        TrainAndTest images = standardises ? read.standardised() : read;
        return switch (protocol) {
            case STEP_COST -> stepCost(presets, images).run(strategies);
            case FISHER_COST -> new FisherCost(shape(List.of(400, 400), 128), images).run();
            default -> new Experiment(protocol(), scenario, presets, images).run(strategies, seeds);
        };
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
                hidden == null ? defaultHidden : hidden,
                batch == null ? defaultBatch : batch,
                steps,
                0,
                1e-3f,
                false);
    }

    private Protocol protocol() {
        Protocol base =
                switch (protocol) {
                    case "split-mnist-500" -> Protocol.SPLIT_500;
                    case "permuted-mnist-10" ->
                            fast ? Protocol.PERMUTED_FAST : Protocol.PERMUTED_10;
                    default ->
                            throw new BadInputException(
                                    "--protocol %s: write split-mnist-500, permuted-mnist-10, step-cost, isolation-cost, isolation-serving, onnx-cost, fisher-cost or store-cost"
                                            .formatted(protocol));
                };
        return new Protocol(
                base.name(),
                hidden == null ? base.hidden() : hidden,
                batch == null ? base.batchSize() : batch,
                base.iterations(),
                epochs == null ? base.epochs() : epochs,
                base.learningRate(),
                keepsOptimizer || base.keepsOptimizer());
    }
}
