package dev.engram.djl.internal.guards;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.internal.effect.MeasuredEffects;
import dev.engram.djl.internal.memory.Generation;
import dev.engram.djl.internal.memory.GenerationDraft;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.privacy.Erasure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The guards of a listener, those that rehearse first, and what they own. */
public final class Guards implements AutoCloseable {

    private final List<NamedGuard> guards;
    private final List<GuardSlot> slots = new ArrayList<>();
    private final MeasuredEffects effects = new MeasuredEffects();
    private @Nullable NDManager root;

    /** Creates the guards; their managers are made when the device is known. */
    public Guards(List<NamedGuard> guards) {
        Comparator<NamedGuard> rehearsingFirst = Comparator.comparing(guard -> !guard.rehearses());
        this.guards = guards.stream().sorted(rehearsingFirst).toList();
    }

    /** Gives every guard its manager on a device, and its memory, unless that was done before. */
    public void open(Device device, String engine, Optional<Generation> memory) {
        if (root != null) {
            if (!root.getDevice().equals(device)) {
                throw new EngramException(
                        "This listener remembers on %s, but the trainer now uses %s. Build a new listener"
                                        .formatted(root.getDevice(), device)
                                + " over the same memory directory.");
            }
            return;
        }
        NDManager owner = NDManager.newBaseManager(device, engine);
        owner.setName("engram");
        List<GuardSlot> opened = new ArrayList<>();
        try {
            for (NamedGuard guard : guards) {
                opened.add(open(guard, owner, memory));
            }
        } catch (RuntimeException e) {
            // Nothing is half open: a second attempt must restore everything, or fail again.
            owner.close();
            throw e;
        }
        slots.addAll(opened);
        root = owner;
    }

    private static GuardSlot open(NamedGuard named, NDManager owner, Optional<Generation> memory) {
        NDManager manager = owner.newSubManager();
        manager.setName("engram " + named.name());
        GuardSlot slot = new GuardSlot(named, manager);
        memory.filter(generation -> generation.guards().contains(slot.name()))
                .ifPresent(generation -> restore(slot, generation));
        return slot;
    }

    private static void restore(GuardSlot slot, Generation from) {
        WrittenState.require(slot.named(), from.state(slot.name()));
        MemoryReader reader = from.reader(slot.name(), slot.manager());
        slot.call("in restore(...)", () -> slot.guard().restore(reader));
    }

    /**
     * Shows every guard a trainer that begins.
     *
     * @throws EngramException if one refuses it; all have then been told of its end
     */
    public void begin(Trainer trainer) {
        try {
            for (NamedGuard guard : guards) {
                guard.part()
                        .run("when a trainer began", () -> guard.guard().onTrainerBegin(trainer));
            }
        } catch (RuntimeException | Error e) {
            try {
                end(trainer);
            } catch (RuntimeException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** Tells every guard, also where others fail, that a trainer has ended. */
    public void end(Trainer trainer) {
        RuntimeException failure = null;
        for (int i = guards.size() - 1; i >= 0; i--) {
            NamedGuard guard = guards.get(i);
            try {
                guard.part().run("when a trainer ended", () -> guard.guard().onTrainerEnd(trainer));
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Returns whether the guards have their managers and memory. */
    public boolean isOpen() {
        return root != null;
    }

    /** Returns the manager that owns everything here. */
    public NDManager manager() {
        if (root == null) {
            throw new IllegalStateException("no device yet");
        }
        return root;
    }

    /** Returns the names of the guards. */
    public Set<String> names() {
        return guards.stream().map(NamedGuard::name).collect(Collectors.toSet());
    }

    /** Returns the names of those that play a role. */
    public List<String> playing(String role) {
        return names(guard -> guard.roles().contains(role));
    }

    /** Returns the names of those that can protect a base without data of its task. */
    public Set<String> protectingBase() {
        return guards.stream()
                .filter(NamedGuard::protectsBase)
                .map(NamedGuard::name)
                .collect(Collectors.toSet());
    }

    /** Returns the names of those that cannot work without the samples of a batch. */
    public List<String> needingSamples() {
        return names(guard -> guard.needsSamples() || guard.rehearses());
    }

    /** Returns the names of those that have terms to add to the loop's loss. */
    public List<String> addingToLoss() {
        return names(NamedGuard::addsToLoss);
    }

    /** Returns the names of those that add to the loop's loss and do nothing else at a step. */
    public List<String> actingInLossAlone() {
        return names(NamedGuard::actsInLossAlone);
    }

    /** Returns the names of those that look at the loop's gradients alone. */
    public List<String> lookingAtGradients() {
        return names(NamedGuard::looksAtGradients);
    }

    private List<String> names(Predicate<NamedGuard> which) {
        return guards.stream().filter(which).map(NamedGuard::name).toList();
    }

    /** Returns those that look at what each step of the optimizer does. */
    public List<GuardSlot> lookingAtUpdates() {
        return slots.stream().filter(slot -> slot.named().looksAtUpdates()).toList();
    }

    /** Returns the guards, in the order in which they are called. */
    public List<NamedGuard> named() {
        return guards;
    }

    /** Returns the guards in their places, in the order in which they are called. */
    public List<GuardSlot> slots() {
        return List.copyOf(slots);
    }

    /**
     * Calls every guard in order.
     *
     * @param views gives what a guard sees of the training
     */
    public void each(
            String when,
            Function<GuardSlot, TrainingView> views,
            BiConsumer<ForgettingGuard, TrainingView> call) {
        for (GuardSlot slot : slots) {
            TrainingView view = views.apply(slot);
            slot.call(when, () -> call.accept(slot.guard(), view));
        }
    }

    /** Returns the effect that a guard last measured. */
    public Optional<GuardEffect> effect(String guard) {
        NamedGuard found =
                guards.stream()
                        .filter(candidate -> candidate.name().equals(guard))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new EngramException(
                                                "No guard \"%s\" here; there are %s"
                                                        .formatted(guard, names())));
        return effects.of(guard, found.part().get("in effect()", found.guard()::effect));
    }

    /** Returns what was measured of the guards. */
    public MeasuredEffects effects() {
        return effects;
    }

    /** Tells every guard that what was kept of some tasks may be lost. */
    public void continueWithout(Set<String> tasks) {
        for (NamedGuard guard : guards) {
            guard.part().run("in continueWithout(...)", () -> guard.guard().continueWithout(tasks));
        }
    }

    /** Lets every guard remove the samples of a subject, also where others fail to. */
    public void erase(String subject, Erasure erasure) {
        for (NamedGuard guard : guards) {
            erasure.count(
                    () -> guard.part().get("in erase(...)", () -> guard.guard().erase(subject)));
        }
    }

    /**
     * Lets every guard write itself down.
     *
     * @param scratch closed by the caller when the draft is written
     */
    public void save(GenerationDraft draft, NDManager scratch) {
        for (GuardSlot slot : slots) {
            MemoryWriter writer = draft.writer(slot.name(), WrittenState.of(slot.named()), scratch);
            slot.call("in save(...)", () -> slot.guard().save(writer));
        }
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (NamedGuard guard : guards) {
            try {
                guard.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (root != null) {
            root.close();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
