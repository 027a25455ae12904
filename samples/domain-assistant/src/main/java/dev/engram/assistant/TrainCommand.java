package dev.engram.assistant;

import ai.djl.translate.TranslateException;
import dev.engram.assistant.corpus.ClincFolder;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.DemoSentences;
import dev.engram.assistant.corpus.Domain;
import dev.engram.assistant.encoder.Architecture;
import dev.engram.assistant.encoder.Base;
import dev.engram.assistant.encoder.CachedBase;
import dev.engram.assistant.training.Comparison;
import dev.engram.assistant.training.Learning;
import dev.engram.assistant.training.Summary;
import dev.engram.assistant.training.TrainingResults;
import dev.engram.djl.report.ReportedRun;
import dev.engram.djl.report.RetentionReport;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.results.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains and compares. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Learns the domains with each strategy, and shows what stays.")
final class TrainCommand implements Callable<Integer> {

    private static final int ROWS = 4096;

    @Option(names = "--data", description = "folder with CLINC150's data_full.json, domains.json")
    private @Nullable Path data;

    @Option(names = "--demo", description = "three small domains of the sample's own, no --data")
    private boolean demo;

    @Option(
            names = "--strategies",
            split = ",",
            description =
                    "any of Engram's ids, joined by + for several at once; none; and the bounds"
                            + " separate (a model a domain) and joint (${DEFAULT-VALUE})")
    private List<String> strategies = List.of("none", "ewc-online", "er");

    @Option(
            names = "--scenario",
            description = "task: the domain is known; class: it is not (${DEFAULT-VALUE})")
    private Scenario scenario = Scenario.TASK;

    @Option(names = "--set", description = "a setting of a strategy: er.samples-a-class=5")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(1);

    @Option(names = "--epochs", description = "passes over each domain (5; with --demo 20)")
    private @Nullable Integer epochs;

    @Option(names = "--batch", description = "sentences a step (32; with --demo 8)")
    private @Nullable Integer batch;

    @Option(names = "--rate", description = "Adam's learning rate (${DEFAULT-VALUE})")
    private float rate = 3e-3f;

    @Option(names = "--width", description = "numbers that stand for a word (${DEFAULT-VALUE})")
    private int width = 128;

    @Option(names = "--domains", description = "how many arrive; default: all")
    private @Nullable Integer domains;

    @Option(names = "--order", description = "seed of their order; 0: as in the data")
    private long order;

    @Option(
            names = "--pretrain",
            description =
                    "epochs of guessing hidden words in the domains' training sentences, without"
                            + " labels, before the first domain (${DEFAULT-VALUE})")
    private int pretrain = 15;

    @Option(
            names = "--validate",
            description = "test on the validation part: choose settings by it, not by the test")
    private boolean validates;

    @Option(
            names = "--defaults",
            description = "every strategy with its built-in defaults, no presets")
    private boolean defaults;

    @Option(
            names = "--json",
            description =
                    "file for the results, written after each run; other strategies and seeds that"
                            + " are in it stay")
    private @Nullable Path json;

    @Option(
            names = "--resume",
            description = "train only what --json does not have with the same settings")
    private boolean resumes;

    @Option(names = "--report", description = "HTML file with all matrices and curves")
    private @Nullable Path report;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            description = "folder for base, and for model and memory of each strategy's first seed")
    private @Nullable Path out;

    @Option(
            names = "--base",
            description = "folder for the base, which takes minutes; default: that of --out")
    private @Nullable Path baseFolder;

    @Override
    public Integer call() throws IOException, TranslateException {
        Presets presets = defaults ? Presets.none(overrides) : new Presets(overrides);
        presets.requireUsed(strategies);
        Comparison.requireKnown(strategies, scenario, presets);
        Curriculum curriculum = curriculum();
        Map<String, String> facts = facts(curriculum);
        facts.forEach((key, value) -> System.out.println(key + ": " + value));
        Comparison comparison =
                new Comparison(
                        curriculum,
                        scenario,
                        new Learning(epochs(), batch(), rate),
                        new Architecture(ROWS, width),
                        base(curriculum),
                        presets,
                        System.out);
        show(facts, train(comparison, presets));
        return 0;
    }

    private List<Summary> train(Comparison comparison, Presets presets)
            throws IOException, TranslateException {
        TrainingResults results =
                json == null ? null : new TrainingResults(json, head(presets), from(), presets);
        List<Summary> summaries = new ArrayList<>();
        for (String strategy : strategies) {
            List<ReportedRun> runs = new ArrayList<>();
            for (int seed : seeds) {
                if (results != null && resumes && results.holds(strategy, scenario, seed)) {
                    continue;
                }
                boolean isFirst = runs.isEmpty();
                Path folder = out != null && isFirst ? out.resolve(strategy) : null;
                ReportedRun run = comparison.run(strategy, seed, folder);
                runs.add(run);
                if (results != null) {
                    results.put(strategy, scenario, seed, run);
                }
            }
            if (!runs.isEmpty()) {
                summaries.add(new Summary(strategy, runs));
            }
        }
        return summaries;
    }

    private Curriculum curriculum() {
        if (demo == (data != null)) {
            throw new BadInputException(
                    "Give either --data with CLINC150's folder (data_full.json and domains.json,"
                            + " from github.com/clinc/oos-eval), or --demo");
        }
        if (epochs() < 1
                || batch() < 1
                || !(rate > 0)
                || width < 4
                || width % 4 != 0
                || pretrain < 0) {
            throw new BadInputException(
                    "--epochs %d --batch %d --rate %s --width %d --pretrain %d: epochs and batch from 1, rate above 0, width a multiple of 4, pretrain from 0"
                            .formatted(epochs(), batch(), rate, width, pretrain));
        }
        List<Domain> all =
                data == null
                        ? DemoSentences.read()
                        : new ClincFolder(data).read(validates ? "val" : "test");
        return Curriculum.of(all, domains == null ? all.size() : domains, order);
    }

    private Base base(Curriculum curriculum) throws IOException {
        Path folder = baseFolder != null ? baseFolder : out;
        return new CachedBase(new Architecture(ROWS, width), pretrain, System.out)
                .of(curriculum, folder);
    }

    private void show(Map<String, String> facts, List<Summary> summaries) throws IOException {
        System.out.println();
        System.out.println(Summary.heading());
        summaries.forEach(summary -> System.out.println(summary.line()));
        if (report != null) {
            List<ReportedRun> runs =
                    summaries.stream().flatMap(summary -> summary.runs().stream()).toList();
            Files.writeString(report, new RetentionReport("Domain assistant", facts, runs).html());
            System.out.println("Wrote " + report);
        }
    }

    private Map<String, String> head(Presets presets) {
        return Map.of(
                "protocol", Comparison.PROTOCOL,
                "scenario", scenario.name().toLowerCase(Locale.ROOT),
                "settings", presets.describe(),
                "training", training(),
                "tested", validates ? "validation sentences" : "test sentences");
    }

    private Provenance from() {
        return Provenance.now(
                "domain-assistant train", spec.commandLine().getParseResult().originalArgs());
    }

    private String training() {
        return "%d epochs of batches of %d, Adam %s, width %d, base pretrained %d epochs"
                .formatted(epochs(), batch(), rate, width, pretrain);
    }

    private Map<String, String> facts(Curriculum curriculum) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("data", data == null ? "sentences of the sample" : data.toString());
        facts.put("tested on", validates ? "validation sentences" : "test sentences");
        facts.put(
                "scenario",
                scenario == Scenario.TASK
                        ? "the domain is known"
                        : "the domain is not known, " + curriculum.outputs() + " intents");
        facts.put("domains", String.join(", ", curriculum.names()));
        facts.put("training", training());
        return facts;
    }

    private int epochs() {
        return epochs != null ? epochs : demo ? 20 : 5;
    }

    private int batch() {
        return batch != null ? batch : demo ? 8 : 32;
    }
}
