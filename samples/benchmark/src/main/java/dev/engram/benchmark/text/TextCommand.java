package dev.engram.benchmark.text;

import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A language model learns plays, then requests: what stays of the plays. */
@Command(
        name = "text",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "A small language model learns plays and then requests: the share that stays of"
                        + " what unguarded training loses in perplexity on the plays.")
public final class TextCommand implements Callable<Integer> {

    private static final double PERCENT = 100;

    @Option(
            names = "--data",
            required = true,
            description = "folder that has tinyshakespeare/ and clinc150/")
    private Path data = Path.of(".");

    @Option(names = "--seeds", split = ",", description = "(${DEFAULT-VALUE})")
    private List<Integer> seeds = List.of(11);

    @Option(names = "--strategies", split = ",", description = "(${DEFAULT-VALUE})")
    private List<String> strategies = List.of("self-rehearsal");

    @Option(names = "--set", description = "a setting of a strategy: self-rehearsal.texts=512")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--first-steps", description = "on the plays (${DEFAULT-VALUE})")
    private int firstSteps = 1500;

    @Option(names = "--steps", description = "on the requests (${DEFAULT-VALUE})")
    private int steps = 600;

    @Option(names = "--samples", description = "of the plays, to remember (${DEFAULT-VALUE})")
    private int samples = 256;

    @Option(
            names = "--without-data",
            description =
                    "nothing of the plays is shown: optBase(Base.PROTECT) instead of remember")
    private boolean isWithoutData;

    @Option(
            names = "--work",
            description = "folder where weights of unguarded trainings are kept for the next run")
    private @Nullable Path work;

    @Option(
            names = "--validate",
            description = "measure on the validation parts, to choose settings by")
    private boolean validates;

    @Override
    public Integer call() {
        Corpora corpora = Corpora.read(data, validates);
        seeds.forEach(seed -> run(corpora, seed));
        return 0;
    }

    private void run(Corpora corpora, int seed) {
        try (TextModel model = new TextModel(corpora.vocabulary(), seed)) {
            KeptWeights base = new KeptWeights(work, "plays-%d-%d".formatted(firstSteps, seed));
            KeptWeights lost =
                    new KeptWeights(work, "requests-%d-%d-%d".formatted(firstSteps, steps, seed));
            double first = base.of(model, () -> model.fit(corpora.plays(), firstSteps));
            byte[] weights = model.weights();
            Measured before = measured(model, corpora, first);
            print(seed, "base", before, before, before);
            double next = lost.of(model, () -> model.fit(corpora.requests(), steps));
            Measured plain = measured(model, corpora, next);
            print(seed, "none", plain, before, plain);
            for (String strategy : strategies) {
                model.load(weights);
                print(seed, strategy, guarded(strategy, model, corpora), before, plain);
            }
        }
    }

    private Measured guarded(String strategy, TextModel model, Corpora corpora) {
        ForgettingListener.Builder builder = ForgettingListener.builder();
        Presets.none(overrides)
                .settings("text", Scenario.DOMAIN, strategy)
                .forEach(builder::addStrategy);
        if (isWithoutData) {
            builder.optBase(Base.PROTECT);
        }
        try (ForgettingListener listener = builder.build()) {
            if (!isWithoutData) {
                listener.remember(
                        model.model(),
                        model.samples(corpora.plays(), samples, model.model().getNDManager()),
                        new TokenLoss());
            }
            return measured(model, corpora, model.fit(corpora.requests(), steps, listener));
        }
    }

    private static Measured measured(TextModel model, Corpora corpora, double seconds) {
        return new Measured(
                model.perplexity(corpora.plays().test()),
                model.perplexity(corpora.requests().test()),
                seconds);
    }

    private static void print(int seed, String name, Measured seen, Measured base, Measured plain) {
        System.out.printf(
                Locale.ROOT,
                "%4d %-16s plays %8.3f  requests %8.3f  kept %5.1f %%  %5.0f s%n",
                seed,
                name,
                seen.plays,
                seen.requests,
                PERCENT * (plain.plays - seen.plays) / (plain.plays - base.plays),
                seen.seconds);
    }

    /** Perplexities on both texts, and how long the last training took. */
    private record Measured(double plays, double requests, double seconds) {}
}
