package dev.engram.djl.internal.wiring;

import dev.engram.api.EngramException;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyParts;
import dev.engram.kit.calls.PluginCalls;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parts that a strategy is made with, created; each is taken once. */
final class MadeParts implements StrategyParts {

    private final Map<String, ReadyStrategy> wanted;
    private final Map<String, Part> made = new LinkedHashMap<>();
    private final Set<String> taken = new HashSet<>();

    private MadeParts(Map<String, ReadyStrategy> wanted) {
        this.wanted = wanted;
    }

    /** Returns what a strategy is created to, with its parts. */
    static Strategy create(ReadyStrategy ready) {
        MadeParts parts = new MadeParts(ready.parts());
        try {
            parts.make();
            Strategy strategy = ready.chosen().create(ready.own(), parts);
            parts.requireTaken(ready.chosen(), strategy);
            return strategy;
        } catch (EngramException e) {
            parts.close(e);
            throw e;
        }
    }

    private void make() {
        wanted.forEach(
                (setting, part) -> {
                    Strategy strategy = create(part);
                    made.put(setting, new Part(part.chosen(), strategy));
                    Made.requireSound(part.chosen(), strategy);
                });
    }

    private void requireTaken(ChosenStrategy by, Strategy strategy) {
        Set<String> left = new HashSet<>(wanted.keySet());
        left.removeAll(taken);
        if (!left.isEmpty()) {
            EngramException refusal =
                    by.part()
                            .refusal(
                                    "declares %s, but create(...) never took the part"
                                            .formatted(left));
            Made.close(by, strategy, refusal);
            throw refusal;
        }
    }

    /** What was taken may be closed by its driver already: closing twice does no harm. */
    private void close(EngramException reason) {
        made.values().forEach(part -> Made.close(part.of(), part.strategy(), reason));
    }

    @Override
    public Optional<ReplaySource> source(Setting<Optional<String>> chosen) {
        return take(chosen)
                .flatMap(
                        part ->
                                part.strategy()
                                        .source()
                                        .map(source -> PluginCalls.to(source, part.of().part())));
    }

    @Override
    public Optional<ImportanceEstimator> importance(Setting<Optional<String>> chosen) {
        return take(chosen)
                .flatMap(
                        part ->
                                part.strategy()
                                        .importance()
                                        .map(made -> PluginCalls.to(made, part.of().part())));
    }

    private Optional<Part> take(Setting<?> chosen) {
        if (wanted.containsKey(chosen.key()) && !taken.add(chosen.key())) {
            throw new IllegalStateException(
                    "The part that " + chosen.key() + " names was taken twice");
        }
        return Optional.ofNullable(made.get(chosen.key()));
    }

    /** A part, and the strategy that it is of. */
    private record Part(ChosenStrategy of, Strategy strategy) {}
}
