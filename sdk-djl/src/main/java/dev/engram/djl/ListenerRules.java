package dev.engram.djl;

import dev.engram.api.EngramException;
import dev.engram.api.spi.Role;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.tasks.IsolationGuard;
import java.util.List;
import java.util.Optional;

/** Which guards may stand on one listener. */
final class ListenerRules {

    private ListenerRules() {}

    /** Providers declare their conflicts; a guard built by hand is seen only here. */
    static void requireOneRehearsal(List<NamedGuard> all) {
        List<String> rehearsing =
                all.stream().filter(NamedGuard::rehearses).map(NamedGuard::name).toList();
        if (rehearsing.size() > 1) {
            throw new EngramException(
                    "The guards "
                            + rehearsing
                            + " all rehearse, so each would train on top of the other's samples:"
                            + " keep one of them");
        }
    }

    static Optional<IsolationGuard> isolation(List<NamedGuard> all) {
        List<NamedGuard> found =
                all.stream().filter(named -> named.guard() instanceof IsolationGuard).toList();
        List<String> held =
                all.stream()
                        .filter(named -> named.roles().contains(Role.PENALTY))
                        .map(NamedGuard::name)
                        .toList();
        if (found.size() > 1) {
            throw new EngramException(
                    "%s each give a task parameters of its own: keep one of them"
                            .formatted(found.stream().map(NamedGuard::name).toList()));
        }
        if (!found.isEmpty() && !held.isEmpty()) {
            throw new EngramException(
                    "%s gives each task parameters of its own: nothing else may isolate, and there is nothing for %s to hold"
                            .formatted(found.get(0).name(), held));
        }
        return found.stream().map(named -> (IsolationGuard) named.guard()).findFirst();
    }
}
