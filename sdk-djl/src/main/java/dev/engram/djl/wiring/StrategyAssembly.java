package dev.engram.djl.wiring;

import com.google.inject.Inject;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.settings.SettingsReader;
import dev.engram.djl.isolation.IsolationGuard;
import java.util.ArrayList;
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

    /** Returns the strategies' guards, in order, created from their raw settings. */
    public List<ForgettingGuard> guards(Map<String, Map<String, ?>> wanted) {
        Map<StrategyProvider, Map<String, ?>> chosen = choose(wanted);
        requireCompatible(chosen.keySet());
        List<String> problems = new ArrayList<>();
        List<ForgettingGuard> guards = new ArrayList<>();
        chosen.forEach(
                (provider, raw) -> {
                    try {
                        guards.add(create(provider, raw));
                    } catch (SettingsException e) {
                        problems.add(String.valueOf(e.getMessage()));
                    }
                });
        if (!problems.isEmpty()) {
            guards.forEach(ForgettingGuard::close);
            throw new EngramException(String.join("\n", problems));
        }
        return guards;
    }

    /** Returns what the wanted strategies need of model and loop. */
    public Set<String> needs(Set<String> wanted) {
        return wanted.stream()
                .flatMap(id -> provider(id).needs().stream())
                .collect(Collectors.toSet());
    }

    /** Returns whether one of the wanted strategies rehearses. */
    public boolean rehearses(Set<String> wanted) {
        return wanted.stream().anyMatch(id -> provider(id).roles().contains(Role.REHEARSAL));
    }

    private Map<StrategyProvider, Map<String, ?>> choose(Map<String, Map<String, ?>> wanted) {
        Map<StrategyProvider, Map<String, ?>> chosen = new LinkedHashMap<>();
        wanted.forEach((id, raw) -> chosen.put(provider(id), raw));
        return chosen;
    }

    private StrategyProvider provider(String id) {
        return StrategyCatalog.requireFrom(providers, id, catalog.failures());
    }

    private static void requireCompatible(Set<StrategyProvider> chosen) {
        List<String> problems = new ArrayList<>();
        for (StrategyProvider one : chosen) {
            for (StrategyProvider other : chosen) {
                // Both sides of a conflict mostly declare it; it is said once.
                if (one.id().compareTo(other.id()) < 0) {
                    problems.addAll(conflicts(one, other));
                }
            }
            boolean rehearsal = chosen.stream().anyMatch(p -> p.roles().contains(Role.REHEARSAL));
            if (one.needs().contains(Need.REHEARSAL) && !rehearsal) {
                problems.add(one.id() + " needs a strategy that rehearses beside it; add one");
            }
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "These strategies do not go together:\n  - " + String.join("\n  - ", problems));
        }
    }

    private static List<String> conflicts(StrategyProvider one, StrategyProvider other) {
        List<String> found = new ArrayList<>(excluded(one, other));
        return found.isEmpty() ? excluded(other, one) : found;
    }

    private static List<String> excluded(StrategyProvider one, StrategyProvider other) {
        return one.excludedRoles().stream()
                .filter(other.roles()::contains)
                .map(
                        role ->
                                "%s allows no other %s, but %s is one"
                                        .formatted(one.id(), role, other.id()))
                .toList();
    }

    private static ForgettingGuard create(StrategyProvider provider, Map<String, ?> raw) {
        Strategy strategy =
                provider.create(SettingsReader.read(provider.id(), provider.settings(), raw));
        return strategy.guard()
                .or(() -> strategy.isolation().map(IsolationGuard::new))
                .orElseThrow(
                        () ->
                                new EngramException(
                                        "Strategy \"%s\" made neither a guard nor an isolation"
                                                .formatted(provider.id())));
    }
}
