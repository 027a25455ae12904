package dev.engram.benchmark.choose;

import dev.engram.benchmark.experiment.Experiment;
import dev.engram.benchmark.experiment.TrainingOptions;
import dev.engram.benchmark.results.RunResult;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.TrainAndTest;
import dev.engram.scenarios.results.Provenance;
import dev.engram.scenarios.results.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Chooses settings on training images that are held out; the test images are never looked at. */
@Command(
        name = "choose",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Tries settings on held-out training images, and prints the best as a preset.")
public final class ChooseCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--protocol",
            required = true,
            description = "split-mnist-500 or permuted-mnist-10")
    private String protocol = "";

    @Mixin private TrainingOptions training = new TrainingOptions();

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(1, 2, 3);

    @Option(
            names = "--held-out",
            description = "how many training images are tested on (${DEFAULT-VALUE})")
    private int heldOut = 10_000;

    @Option(
            names = "--try",
            required = true,
            description = "values of a setting, such as ewc-online.lambda=0.1:1:10; each with each")
    private Map<String, String> grid = new LinkedHashMap<>();

    @Option(names = "--set", description = "a setting of a strategy: ewc-online.gamma=0.9")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(
            names = "--json",
            description = "file for the results, written after each try; others in it stay")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        Protocol trained = training.protocol(protocol);
        TrainAndTest images = training.images(heldOut);
        for (String strategy : training.strategies) {
            if (strategy.equals(RunResult.NONE)) {
                run(strategy, trained, images, Map.of());
            } else {
                choose(strategy, trained, images);
            }
        }
        return 0;
    }

    private void choose(String strategy, Protocol trained, TrainAndTest images) throws IOException {
        Map<String, String> best = Map.of();
        double most = -1;
        for (Map<String, String> tried : Grid.of(grid, strategy)) {
            List<RunResult> runs = run(strategy, trained, images, tried);
            double mean = runs.stream().mapToDouble(RunResult::accuracy).average().orElse(0);
            if (mean > most) {
                most = mean;
                best = tried;
            }
        }
        String place = (protocol + "." + training.scenario + ".").toLowerCase(Locale.ROOT);
        best.forEach((key, value) -> System.out.println(place + key + " = " + value));
    }

    private List<RunResult> run(
            String strategy, Protocol trained, TrainAndTest images, Map<String, String> tried)
            throws IOException {
        Map<String, String> all = new LinkedHashMap<>(overrides);
        all.putAll(tried);
        Presets presets = Presets.none(all);
        List<RunResult> runs =
                new Experiment(trained, training.scenario, presets, images)
                        .run(List.of(strategy), seeds);
        if (json != null) {
            List<String> command = spec.commandLine().getParseResult().originalArgs();
            new ResultFile(json, head(trained))
                    .put(
                            tried.isEmpty() ? strategy : strategy + " " + tried,
                            tried.isEmpty()
                                    ? Map.of()
                                    : presets.settings(protocol, training.scenario, strategy),
                            Provenance.now("benchmark choose", command),
                            runs);
        }
        return runs;
    }

    private Map<String, String> head(Protocol trained) {
        if (heldOut < 1) {
            throw new BadInputException("--held-out %d: give 1 or more".formatted(heldOut));
        }
        return Map.of(
                "protocol", protocol,
                "scenario", training.scenario.name().toLowerCase(Locale.ROOT),
                "settings", "tried",
                "training", Experiment.describe(trained),
                "tested", training.tested(heldOut));
    }
}
