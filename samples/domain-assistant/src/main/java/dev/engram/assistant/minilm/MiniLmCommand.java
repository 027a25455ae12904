package dev.engram.assistant.minilm;

import ai.djl.translate.TranslateException;
import dev.engram.assistant.corpus.ClincFolder;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.Domain;
import dev.engram.assistant.training.Comparison;
import dev.engram.assistant.training.Learning;
import dev.engram.assistant.training.Summary;
import dev.engram.assistant.training.TrainingResults;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.report.ReportedRun;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.results.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One head for all intents over a real pretrained encoder; which domain is asked is not known. */
@Command(
        name = "minilm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Learns the domains on one head over the frozen encoder MiniLM-L6.")
public final class MiniLmCommand implements Callable<Integer> {

    private static final String NONE = "none";
    private static final Scenario SCENARIO = Scenario.CLASS;

    @Option(
            names = "--data",
            required = true,
            description = "folder with CLINC150's data_full.json, domains.json")
    private Path data = Path.of("");

    @Option(
            names = "--strategies",
            split = ",",
            description = "any of Engram's ids; none (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("ridge-head", "slda", "ncm");

    @Option(names = "--set", description = "a setting of a strategy: ridge-head.lambda=1e-4")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(1);

    @Option(
            names = "--random-features",
            description = "before the head; 0: the encoder's own numbers (${DEFAULT-VALUE})")
    private int features = 2000;

    @Option(names = "--epochs", description = "passes over each domain (${DEFAULT-VALUE})")
    private int epochs = 1;

    @Option(names = "--rate", description = "Adam's learning rate (${DEFAULT-VALUE})")
    private float rate = 1e-3f;

    @Option(names = "--order", description = "seed of the domains' order; 0: as in the data")
    private long order;

    @Option(
            names = "--validate",
            description = "test on the validation part: choose settings by it, not by the test")
    private boolean validates;

    @Option(
            names = "--cache",
            description = "folder for the encoder and its numbers (${DEFAULT-VALUE})")
    private Path cache = Path.of(System.getProperty("java.io.tmpdir"), "engram-minilm");

    @Option(names = "--json", description = "file for the results, written after each run")
    private @Nullable Path json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, TranslateException {
        if (epochs < 1 || features < 0 || !(rate > 0)) {
            throw new BadInputException(
                    "--epochs %d --random-features %d --rate %s: epochs from 1, features from 0, rate above 0"
                            .formatted(epochs, features, rate));
        }
        Presets presets = Presets.none(overrides);
        presets.requireUsed(strategies);
        List<Domain> all = new ClincFolder(data).read(validates ? "val" : "test");
        Curriculum curriculum = Curriculum.of(all, all.size(), order);
        System.out.printf(
                "%d intents, the domain is not known, %d random features, %d epochs%n",
                curriculum.outputs(), features, epochs);
        System.out.println(Summary.heading());
        try (MiniLm encoder = new MiniLm(cache)) {
            Embeddings embeddings = new Embeddings(cache, encoder);
            for (String strategy : strategies) {
                System.out.println(run(strategy, curriculum, embeddings, presets).line());
            }
        }
        return 0;
    }

    private Summary run(
            String strategy, Curriculum curriculum, Embeddings embeddings, Presets presets)
            throws IOException, TranslateException {
        List<ReportedRun> runs = new ArrayList<>();
        Learning learning = new Learning(epochs, 32, rate);
        for (int seed : seeds) {
            try (ForgettingListener listener = listener(strategy, presets);
                    MiniLmRun run =
                            new MiniLmRun(curriculum, embeddings, learning, features, seed)) {
                ReportedRun learnt = run.run(strategy + ", seed " + seed, listener);
                runs.add(learnt);
                if (json != null) {
                    new TrainingResults(json, head(presets), from(), presets)
                            .put(strategy, SCENARIO, seed, learnt);
                }
            }
        }
        return new Summary(strategy, runs);
    }

    private static @Nullable ForgettingListener listener(String strategy, Presets presets) {
        if (strategy.equals(NONE)) {
            return null;
        }
        ForgettingListener.Builder builder = ForgettingListener.builder();
        presets.settings(Comparison.PROTOCOL, SCENARIO, strategy).forEach(builder::addStrategy);
        return builder.build();
    }

    private Map<String, String> head(Presets presets) {
        return Map.of(
                "protocol",
                "clinc150-minilm",
                "scenario",
                "class",
                "settings",
                presets.describe(),
                "training",
                "MiniLM-L6, %d random features, %d epochs".formatted(features, epochs),
                "tested",
                validates ? "validation sentences" : "test sentences");
    }

    private Provenance from() {
        return Provenance.now(
                "domain-assistant minilm", spec.commandLine().getParseResult().originalArgs());
    }
}
