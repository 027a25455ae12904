package dev.engram.djl.internal.plugin;

import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.spi.Role;
import dev.engram.kit.calls.Origin;
import dev.engram.kit.calls.PluginPart;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A guard under the name that its memory bears: the id of the strategy that made it, or, where it
 * was built by hand, its own.
 *
 * @param name checked, and so fit for a file name
 * @param guard the guard
 * @param part through which it is called
 * @param roles that it plays
 * @param parts ids of the strategies whose parts it drives, by the setting that names them
 */
public record NamedGuard(
        String name,
        ForgettingGuard guard,
        PluginPart part,
        Set<String> roles,
        Map<String, String> parts) {

    /**
     * Returns the guard that a strategy made.
     *
     * @param roles that its provider states, which the guard need not state again
     */
    public static NamedGuard made(
            String id,
            ForgettingGuard guard,
            Origin provider,
            Set<String> roles,
            Map<String, String> parts) {
        return of(id, guard, provider, roles, parts);
    }

    /** As {@link #byHand(ForgettingGuard, Class)}, of a guard that stands for itself. */
    public static NamedGuard byHand(ForgettingGuard guard) {
        return byHand(guard, guard.getClass());
    }

    /**
     * Returns a guard that was built by hand.
     *
     * @param type the class that was written by hand, which may stand behind a guard of Engram's
     * @throws EngramException if it has no name that can be a file name, or no version of its state
     */
    public static NamedGuard byHand(ForgettingGuard guard, Class<?> type) {
        Origin origin = Origin.of(type, null);
        PluginPart nameless = PluginPart.guard(type.getSimpleName(), origin);
        String name = nameless.get("in name()", guard::name);
        String checked = PartName.require("The guard " + origin.place(), name);
        NamedGuard named = of(checked, guard, origin, Set.of(), Map.of());
        named.stateVersion();
        return named;
    }

    private static NamedGuard of(
            String name,
            ForgettingGuard guard,
            Origin origin,
            Set<String> stated,
            Map<String, String> parts) {
        PluginPart part = PluginPart.guard(name, origin);
        Set<String> roles = new HashSet<>(stated);
        roles.addAll(part.get("in roles()", guard::roles));
        return new NamedGuard(name, guard, part, Set.copyOf(roles), Map.copyOf(parts));
    }

    /**
     * Checks that each has a name of its own, under which its memory is kept.
     *
     * @throws EngramException naming the two that have not
     */
    public static void requireDistinct(List<NamedGuard> guards) {
        Set<String> names = new HashSet<>();
        for (NamedGuard guard : guards) {
            if (guard.name.equals(PartName.OWN)) {
                throw new EngramException(
                        "A guard is named \"%s\", under which Engram itself keeps things in memory: give it another name"
                                .formatted(guard.name));
            }
            if (!names.add(guard.name)) {
                throw new EngramException(
                        "Two guards are named \"%s\", and each would overwrite what the other keeps in memory: give the one that was built by hand another name (setName), or add one of them only"
                                .formatted(guard.name));
            }
        }
    }

    /** Returns whether it trains on earlier samples. */
    public boolean rehearses() {
        return roles.contains(Role.REHEARSAL);
    }

    /** Returns whether it changes the weights when a task ends. */
    public boolean averages() {
        return roles.contains(Role.AVERAGING);
    }

    /** Returns whether it sets the model's last layer itself when a task ends. */
    public boolean solvesHead() {
        return roles.contains(Role.SOLVED_HEAD);
    }

    /** Returns whether it looks at samples of a finished task. */
    public boolean needsSamples() {
        return part.get("in needsSamples()", (Supplier<Boolean>) guard::needsSamples);
    }

    /** Returns whether it has terms to add to the loop's loss. */
    public boolean addsToLoss() {
        return part.get("in addsToLoss()", (Supplier<Boolean>) guard::addsToLoss);
    }

    /** Returns whether it adds to the loop's loss where it is asked, and nowhere else. */
    public boolean actsInLossAlone() {
        return addsToLoss() && !overrides("onBackward", StepView.class);
    }

    /** Returns whether it looks at the loop's gradients alone. */
    public boolean looksAtGradients() {
        return overrides("onGradient", StepView.class)
                && part.get("in looksAtGradients()", (Supplier<Boolean>) guard::looksAtGradients);
    }

    /** Returns whether it prepares the end of a task. */
    public boolean preparesTaskEnd() {
        return overrides("prepareTaskEnd", FinishedTask.class);
    }

    private boolean overrides(String method, Class<?> view) {
        try {
            return guard.getClass().getMethod(method, view).getDeclaringClass()
                    != ForgettingGuard.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns whether it looks at what each step of the optimizer does. */
    public boolean looksAtUpdates() {
        return part.get("in looksAtUpdates()", (Supplier<Boolean>) guard::looksAtUpdates);
    }

    /** Returns whether it looks at the weights before a step's update. */
    public boolean comparesUpdate(long step) {
        return part.get(
                "before the update of step " + step,
                (Supplier<Boolean>) () -> guard.comparesUpdate(step));
    }

    /** Returns whether it may put off what it does to the weights. */
    public boolean hearsOfReads() {
        return overrides("onWeightsRead", TrainingView.class);
    }

    /** Returns whether it can protect a base without data. */
    public boolean protectsBase() {
        return part.get("in protectsBase()", (Supplier<Boolean>) guard::protectsBase);
    }

    /** Returns the version of the state that it writes. */
    public int stateVersion() {
        return part.requireVersion(part.get("in stateVersion()", guard::stateVersion));
    }

    /** Frees what the guard holds. */
    public void close() {
        part.run("in close()", guard::close);
    }
}
