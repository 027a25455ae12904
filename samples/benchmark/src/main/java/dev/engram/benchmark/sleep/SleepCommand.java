package dev.engram.benchmark.sleep;

import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.IdxFolder;
import dev.engram.scenarios.images.TrainAndTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a model sleep after a gap of three tasks, and says what it has won back. */
@Command(
        name = "sleep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Five tasks of two digits; then the model sleeps once: what of the first two tasks"
                        + " is won back.")
public final class SleepCommand implements Callable<Integer> {

    private static final int DRAWN_TRAIN = 20_000;
    private static final int DRAWN_TEST = 2_000;

    @Option(names = "--data", description = "folder with MNIST's IDX files; default: drawn digits")
    private @Nullable Path data;

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(11, 12, 13, 14, 15);

    @Option(names = "--scenario", description = "domain or class (${DEFAULT-VALUE})")
    private Scenario scenario = Scenario.DOMAIN;

    @Option(
            names = "--strategies",
            split = ",",
            description =
                    "who guards the model while it is awake; if that keeps no samples (none, ewc,"
                            + " si, ...), it sleeps over inputs without labels (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("er", "ewc-online", "mixture");

    @Option(
            names = "--validate",
            description = "test on so many training images, which are then not learnt from")
    private int validate;

    @Option(names = "--hidden", split = ",", description = "hidden units (${DEFAULT-VALUE})")
    private List<Integer> hidden = Protocol.SPLIT_500.hidden();

    @Mixin private SleepOptions options = new SleepOptions();

    @Override
    public Integer call() {
        if (scenario == Scenario.TASK) {
            throw new BadInputException("--scenario task: write domain or class");
        }
        TrainAndTest read =
                data == null
                        ? DrawnDigits.draw(DRAWN_TRAIN, DRAWN_TEST, 1)
                        : new IdxFolder(data).read();
        TrainAndTest images = validate > 0 ? read.validation(validate) : read;
        for (String strategy : strategies) {
            Map<SleepOptions.Setting, List<SleptRun.Result>> results = new LinkedHashMap<>();
            for (int seed : seeds) {
                TaskSequence tasks = TaskSequence.split(images, scenario, 2, seed);
                new SleptRun(tasks, protocol(), strategy, seed, options)
                        .run()
                        .forEach(
                                (setting, result) -> {
                                    System.out.printf(
                                            "%s, seed %d, %s: %s%n",
                                            strategy, seed, setting, result);
                                    results.computeIfAbsent(setting, one -> new ArrayList<>())
                                            .add(result);
                                });
            }
            results.forEach(
                    (setting, all) ->
                            System.out.println(
                                    SleptRun.Result.summary(strategy + ", " + setting, all)));
        }
        return 0;
    }

    private Protocol protocol() {
        Protocol base = Protocol.SPLIT_500;
        return new Protocol(
                base.name(),
                hidden,
                base.batchSize(),
                base.iterations(),
                base.epochs(),
                base.learningRate(),
                base.keepsOptimizer());
    }
}
