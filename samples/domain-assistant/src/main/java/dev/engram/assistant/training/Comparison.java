package dev.engram.assistant.training;

import ai.djl.Model;
import ai.djl.translate.TranslateException;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.Labels;
import dev.engram.assistant.encoder.Architecture;
import dev.engram.assistant.encoder.Base;
import dev.engram.assistant.encoder.HashedWords;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.prompttuning.TaskChooser;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Runs strategies and what they are held against, all on the same base, data and order. */
public final class Comparison {

    private static final String NONE = "none";
    private static final String SEPARATE = "separate";
    private static final String JOINT = "joint";

    /** The name under which settings and results are kept. */
    public static final String PROTOCOL = "clinc150";

    private final Curriculum curriculum;
    private final Scenario scenario;
    private final Learning learning;
    private final Architecture architecture;
    private final Base base;
    private final Presets presets;
    private final PrintStream out;

    public Comparison(
            Curriculum curriculum,
            Scenario scenario,
            Learning learning,
            Architecture architecture,
            Base base,
            Presets presets,
            PrintStream out) {
        this.curriculum = curriculum;
        this.scenario = scenario;
        this.learning = learning;
        this.architecture = architecture;
        this.base = base;
        this.presets = presets;
        this.out = out;
    }

    /** Refuses what could not run, before anything trains. */
    public static void requireKnown(List<String> strategies, Scenario scenario, Presets presets) {
        for (String strategy : strategies) {
            if (strategy.equals(SEPARATE) && scenario != Scenario.TASK) {
                throw new BadInputException(
                        "separate has a model for each domain, so the domain must be known: use"
                                + " --scenario task, or joint");
            }
            if (isGuarded(strategy)) {
                requireSuits(presets.settings(PROTOCOL, scenario, strategy), scenario);
            }
        }
    }

    private static void requireSuits(Map<String, Map<String, String>> settings, Scenario scenario) {
        try (ForgettingListener listener = listener(settings, null)) {
            if (listener.isolates() && scenario != Scenario.TASK) {
                throw new BadInputException(
                        "%s gives each domain parameters of its own, so the domain must be known: use --scenario task"
                                .formatted(settings.keySet()));
            }
        }
    }

    /**
     * Runs one strategy with one seed.
     *
     * @param folder where model and memory go, or nothing
     */
    public ReportedRun run(String strategy, int seed, @Nullable Path folder)
            throws IOException, TranslateException {
        out.println(strategy + ", seed " + seed + settings(strategy));
        if (strategy.equals(SEPARATE)) {
            return separate(seed);
        }
        try (DomainRun run = newRun(seed)) {
            if (strategy.equals(JOINT)) {
                run.learnJointly();
                print(run.matrix().toArray()[0]);
            } else {
                learn(run, strategy, folder);
            }
            if (folder != null) {
                new SavedAssistant(
                                architecture,
                                scenario,
                                Labels.of(curriculum),
                                isGuarded(strategy)
                                        ? presets.settings(PROTOCOL, scenario, strategy)
                                        : Map.of())
                        .write(folder, run.model());
            }
            return ReportedRun.of(strategy + ", seed " + seed, run.matrix(), run.seconds());
        }
    }

    private void learn(DomainRun run, String strategy, @Nullable Path folder)
            throws IOException, TranslateException {
        Path memory = folder == null ? null : unused(folder.resolve(SavedAssistant.MEMORY));
        try (ForgettingListener listener =
                isGuarded(strategy)
                        ? listener(presets.settings(PROTOCOL, scenario, strategy), memory)
                        : null) {
            run.learnAll(listener, this::print);
            if (listener != null && listener.isolates()) {
                pick(run, listener, folder);
            }
        }
    }

    private void pick(DomainRun run, ForgettingListener listener, @Nullable Path folder)
            throws IOException {
        TaskChooser chooser = run.chooser(listener);
        out.printf(
                Locale.ROOT,
                "  where nobody names it, the domain is picked right for %.1f %% of the"
                        + " sentences%n",
                100 * run.picked(chooser));
        if (folder != null) {
            chooser.save(folder.resolve(SavedAssistant.CHOOSER));
        }
    }

    private ReportedRun separate(int seed) throws IOException, TranslateException {
        AccuracyMatrix matrix = new AccuracyMatrix(curriculum.names());
        List<Double> row = new ArrayList<>();
        double seconds = 0;
        for (int i = 0; i < curriculum.domains().size(); i++) {
            try (DomainRun run = newRun(seed)) {
                long begin = System.nanoTime();
                run.learn(i, null);
                seconds += (System.nanoTime() - begin) / 1e9;
                row.add(run.accuracy(i));
            }
            matrix.addRow(row.stream().mapToDouble(Double::doubleValue).toArray());
        }
        print(matrix.toArray()[matrix.learnt() - 1]);
        return ReportedRun.of(SEPARATE + ", seed " + seed, matrix, seconds);
    }

    private DomainRun newRun(int seed) {
        Model model = architecture.newModel(base, curriculum.outputs(), seed);
        return new DomainRun(
                curriculum, scenario, learning, new HashedWords(architecture.rows()), model);
    }

    private String settings(String strategy) {
        return isGuarded(strategy) ? ": " + presets.settings(PROTOCOL, scenario, strategy) : "";
    }

    private void print(double[] row) {
        out.println(
                DoubleStream.of(row)
                        .mapToObj(a -> String.format(Locale.ROOT, "%5.1f", 100 * a))
                        .collect(Collectors.joining(" ", "  ", "")));
    }

    static boolean isGuarded(String strategy) {
        return !List.of(NONE, SEPARATE, JOINT).contains(strategy);
    }

    static ForgettingListener listener(
            Map<String, Map<String, String>> settings, @Nullable Path memory) {
        // The base guesses hidden words; no domain asks it to, so nothing of it is to be kept.
        ForgettingListener.Builder builder =
                ForgettingListener.builder().optBase(dev.engram.djl.Base.IGNORE);
        settings.forEach(builder::addStrategy);
        return (memory == null ? builder : builder.optMemory(memory)).build();
    }

    private static Path unused(Path memory) {
        if (Files.exists(memory)) {
            throw new BadInputException(
                    "%s already holds what another training learnt; give another --out"
                            .formatted(memory));
        }
        return memory;
    }
}
