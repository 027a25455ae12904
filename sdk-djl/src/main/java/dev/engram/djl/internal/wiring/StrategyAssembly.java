package dev.engram.djl.internal.wiring;

import com.google.inject.Inject;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.plugin.Problems;
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
     * Checks what is wanted before anything of it is created; adds every strategy that is unknown,
     * every two that do not go together, and all settings that are wrong.
     */
    public void check(Map<String, Map<String, ?>> wanted, Problems problems) {
        ready(wanted, problems);
    }

    /**
     * Returns the strategies' guards, in order, created from their raw settings.
     *
     * @param problems to which those of the strategies are added
     * @throws EngramException if there are any problems, naming each; what was made is closed then
     */
    public List<NamedGuard> guards(Map<String, Map<String, ?>> wanted, Problems problems) {
        List<NamedGuard> guards = new ArrayList<>();
        ready(wanted, problems)
                .forEach(
                        strategy ->
                                problems.attempt(() -> create(strategy)).ifPresent(guards::add));
        if (!problems.isEmpty()) {
            throw closing(guards, problems.asOne());
        }
        return guards;
    }

    /** Returns what can be created: nothing, unless the strategies are there and go together. */
    private List<ReadyStrategy> ready(Map<String, Map<String, ?>> wanted, Problems problems) {
        Map<ChosenStrategy, Map<String, ?>> chosen = new LinkedHashMap<>();
        wanted.forEach(
                (id, raw) ->
                        problems.attempt(() -> choose(id))
                                .ifPresent(strategy -> chosen.put(strategy, raw)));
        if (chosen.size() == wanted.size()) {
            problems.attempt(() -> requireCompatible(chosen.keySet()));
        }
        boolean isSound = problems.isEmpty();
        StrategyReading reading = new StrategyReading(this::choose);
        List<ReadyStrategy> ready = new ArrayList<>();
        chosen.forEach(
                (strategy, raw) ->
                        problems.attempt(() -> reading.read(strategy, raw)).ifPresent(ready::add));
        return isSound ? ready : List.of();
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

    /** Returns what the wanted strategies, with their parts, need of model and loop. */
    public Set<String> needs(Map<String, Map<String, ?>> wanted) {
        return ready(wanted, new Problems()).stream()
                .flatMap(strategy -> strategy.needs().stream())
                .collect(Collectors.toSet());
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

    private static NamedGuard create(ReadyStrategy ready) {
        ChosenStrategy chosen = ready.chosen();
        ForgettingGuard guard = Joined.guard(ready, MadeParts.create(ready));
        return NamedGuard.made(
                chosen.id(), guard, chosen.origin(), chosen.roles(), ready.partIds());
    }
}
