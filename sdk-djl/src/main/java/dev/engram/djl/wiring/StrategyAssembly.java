package dev.engram.djl.wiring;

import com.google.inject.Inject;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.settings.SettingsReader;
import dev.engram.djl.isolation.IsolationGuard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Creates the strategies that a listener asks for by name, once they are found to go together. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class StrategyAssembly {

    private final Map<String, StrategyProvider> providers;
    private final StrategyCatalog catalog;

    @Inject
    StrategyAssembly(Map<String, StrategyProvider> providers, StrategyCatalog catalog) {
        this.providers = providers;
        this.catalog = catalog;
    }

    /**
     * Returns the strategies' guards, in order, created from their raw settings.
     *
     * @throws EngramException if strategies are unknown or do not go together, or naming each that
     *     could not be created; what the others made is closed then
     */
    public List<NamedGuard> guards(Map<String, Map<String, ?>> wanted) {
        Map<ChosenStrategy, Map<String, ?>> chosen = new LinkedHashMap<>();
        wanted.forEach((id, raw) -> chosen.put(choose(id), raw));
        requireCompatible(chosen.keySet());
        List<EngramException> problems = new ArrayList<>();
        List<NamedGuard> guards = new ArrayList<>();
        chosen.forEach(
                (strategy, raw) -> {
                    try {
                        guards.add(create(strategy, raw));
                    } catch (EngramException e) {
                        problems.add(e);
                    }
                });
        if (!problems.isEmpty()) {
            throw closing(guards, failure(problems));
        }
        return guards;
    }

    /** Closes guards of which a listener cannot be built, and returns the reason to raise. */
    public static <E extends RuntimeException> E closing(Collection<NamedGuard> guards, E reason) {
        for (NamedGuard guard : guards) {
            try {
                guard.close();
            } catch (EngramException e) {
                reason.addSuppressed(e);
            }
        }
        return reason;
    }

    /** Returns what the wanted strategies need of model and loop. */
    public Set<String> needs(Set<String> wanted) {
        return wanted.stream()
                .flatMap(id -> choose(id).needs().stream())
                .collect(Collectors.toSet());
    }

    private static EngramException failure(List<EngramException> problems) {
        if (problems.size() == 1) {
            return problems.get(0);
        }
        EngramException all =
                new EngramException(
                        problems.stream()
                                .map(EngramException::getMessage)
                                .collect(Collectors.joining("\n")),
                        problems.get(0));
        problems.stream().skip(1).forEach(all::addSuppressed);
        return all;
    }

    private ChosenStrategy choose(String id) {
        return ChosenStrategy.of(id, catalog.requireFrom(providers, id));
    }

    private static void requireCompatible(Set<ChosenStrategy> chosen) {
        List<String> problems = new ArrayList<>();
        boolean rehearsal = chosen.stream().anyMatch(p -> p.roles().contains(Role.REHEARSAL));
        for (ChosenStrategy one : chosen) {
            for (ChosenStrategy other : chosen) {
                // Both sides of a conflict mostly declare it; it is said once.
                if (one.id().compareTo(other.id()) < 0) {
                    problems.addAll(conflicts(one, other));
                }
            }
            if (one.needs().contains(Need.REHEARSAL) && !rehearsal) {
                problems.add(one.id() + " needs a strategy that rehearses beside it; add one");
            }
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "These strategies do not go together:\n  - " + String.join("\n  - ", problems));
        }
    }

    private static List<String> conflicts(ChosenStrategy one, ChosenStrategy other) {
        List<String> found = new ArrayList<>(excluded(one, other));
        return found.isEmpty() ? excluded(other, one) : found;
    }

    private static List<String> excluded(ChosenStrategy one, ChosenStrategy other) {
        return one.excludedRoles().stream()
                .filter(other.roles()::contains)
                .map(
                        role ->
                                "%s allows no other %s, but %s is one"
                                        .formatted(one.id(), role, other.id()))
                .toList();
    }

    private static NamedGuard create(ChosenStrategy chosen, Map<String, ?> raw) {
        Settings settings = SettingsReader.read(chosen.id(), chosen.settings(), raw);
        Strategy strategy = chosen.create(settings);
        ForgettingGuard guard =
                strategy.guard()
                        .or(
                                () ->
                                        strategy.isolation()
                                                .map(
                                                        made ->
                                                                IsolationGuard.made(
                                                                        made, chosen.origin())))
                        .orElseThrow(
                                () ->
                                        new EngramException(
                                                "Strategy \"%s\" made neither a guard nor an isolation"
                                                        .formatted(chosen.id())));
        return NamedGuard.made(chosen.id(), guard, chosen.origin());
    }
}
