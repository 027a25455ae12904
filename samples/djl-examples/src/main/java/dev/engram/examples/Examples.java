package dev.engram.examples;

import ai.djl.engine.Engine;
import ai.djl.training.listener.TrainingListener;
import ai.djl.translate.TranslateException;
import dev.engram.djl.ForgettingListener;
import dev.engram.examples.Example.Retention;
import dev.engram.examples.Example.Setup;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains DJL's examples on two tasks, once as they are and once with the listener. */
@Command(
        name = "djl-examples",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Trains DJL's examples on two tasks, with and without Engram's listener.")
public final class Examples implements Callable<Integer> {

    private static final int DRAWN_TEST = 2_000;

    private static final Map<String, Example> ALL = new LinkedHashMap<>();

    static {
        ALL.put("mnist", new TrainMnist());
        ALL.put("mnist-lstm", new TrainMnistWithLstm());
        ALL.put("captcha", new TrainCaptcha());
        ALL.put("transfer", new TransferLearning());
        ALL.put("time-series", new TrainTimeSeries());
        ALL.put("tic-tac-toe", new TrainTicTacToe());
    }

    @Parameters(
            arity = "0..*",
            description =
                    "mnist, mnist-lstm, captcha, transfer, time-series, tic-tac-toe; default: all")
    private List<String> names = List.of();

    @Option(names = "--short", description = "few images and epochs: seconds instead of minutes")
    private boolean isShort;

    @Option(names = "--data", description = "folder with MNIST's IDX files; default: drawn digits")
    private @Nullable Path data;

    @Option(names = "--strategy", description = "ewc-online, er, ...; default: the example's own")
    private @Nullable String strategy;

    @Option(names = "--set", description = "a setting of the strategy: ewc-online.lambda=0.1")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--seed", description = "seed of everything random (${DEFAULT-VALUE})")
    private int seed = 1;

    /** Runs the program. */
    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
        System.exit(Sample.run(new Examples(), args));
    }

    @Override
    public Integer call() throws IOException, TranslateException {
        names.forEach(Examples::example);
        TrainAndTest digits =
                data == null
                        ? DrawnDigits.draw(isShort ? 6_000 : 20_000, DRAWN_TEST, 1)
                        : new IdxFolder(data).read();
        System.out.println("First task when learnt and after the second, and the second (%):");
        for (String name : names.isEmpty() ? List.copyOf(ALL.keySet()) : names) {
            Example example = example(name);
            String protection = strategy == null ? example.strategy() : strategy;
            Setup setup = new Setup(digits, seed, isShort);
            print(name, "unguarded", unguarded(example, setup));
            Map<String, String> set = new LinkedHashMap<>();
            if (strategy == null) {
                set.putAll(example.overrides());
            }
            set.putAll(overrides);
            print(name, protection, guarded(example, setup, protection, set));
        }
        return 0;
    }

    /** Runs an example as DJL has it. */
    static Retention unguarded(Example example, Setup setup)
            throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(setup.seed());
        return example.run(setup);
    }

    /** Runs an example with a listener. */
    static Retention guarded(
            Example example, Setup setup, String strategy, Map<String, String> settings)
            throws IOException, TranslateException {
        ForgettingListener.Builder builder = ForgettingListener.builder();
        Presets.none(settings)
                .settings("djl-examples", Scenario.DOMAIN, strategy)
                .forEach(builder::addStrategy);
        try (ForgettingListener listener = builder.build()) {
            if (listener.isolates()) {
                throw new BadInputException(
                        "--strategy %s gives tasks parameters of their own, and here the model itself is tested: see samples/domain-assistant"
                                .formatted(strategy));
            }
            Engine.getInstance().setRandomSeed(setup.seed());
            return example.run(setup, new TrainingListener[] {listener});
        }
    }

    /** Returns the example of a name. */
    static Example example(String name) {
        Example found = ALL.get(name);
        if (found == null) {
            throw new BadInputException(
                    "\"%s\" is no example: write any of %s".formatted(name, ALL.keySet()));
        }
        return found;
    }

    private static void print(String name, String protection, Retention kept) {
        System.out.printf(
                Locale.ROOT,
                "%-12s %-12s %6.1f -> %6.1f  second %6.1f  (%s)%n",
                name,
                protection,
                100 * kept.learnt(),
                100 * kept.kept(),
                100 * kept.second(),
                kept.measure());
    }
}
