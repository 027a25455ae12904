package dev.engram.djl.internal.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.djl.memory.Generation;
import dev.engram.djl.memory.GenerationDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The guards of a listener, those that rehearse first, and what they own. */
public final class Guards implements AutoCloseable {

    private final List<ForgettingGuard> guards;
    private final List<GuardSlot> slots = new ArrayList<>();
    private @Nullable NDManager root;

    /** Creates the guards; their managers are made when the device is known. */
    public Guards(List<ForgettingGuard> guards) {
        Comparator<ForgettingGuard> rehearsingFirst =
                Comparator.comparing(guard -> !guard.roles().contains(Role.REHEARSAL));
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
            for (ForgettingGuard guard : guards) {
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

    private static GuardSlot open(
            ForgettingGuard guard, NDManager owner, Optional<Generation> memory) {
        NDManager manager = owner.newSubManager();
        manager.setName("engram " + guard.name());
        memory.filter(generation -> generation.guards().contains(guard.name()))
                .ifPresent(g -> guard.restore(g.reader(guard.name(), manager)));
        return new GuardSlot(guard, manager);
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
        return guards.stream().map(ForgettingGuard::name).collect(Collectors.toSet());
    }

    /** Calls every guard in order, with its own view of the training. */
    public void each(
            String when,
            Task task,
            List<LiveParameter> parameters,
            Loss loss,
            BiConsumer<ForgettingGuard, TrainingView> call) {
        for (GuardSlot slot : slots) {
            TrainingView view = new Training(task, parameters, loss, slot.manager());
            slot.call(when, () -> call.accept(slot.guard(), view));
        }
    }

    /** Returns the effect that a guard last measured. */
    public Optional<GuardEffect> effect(String guard) {
        return guards.stream()
                .filter(candidate -> candidate.name().equals(guard))
                .findFirst()
                .orElseThrow(
                        () ->
                                new EngramException(
                                        "No guard \"" + guard + "\" here; there are " + names()))
                .effect();
    }

    /** Lets every guard remove the samples of a subject and returns how many they were. */
    public long erase(String subject) {
        return guards.stream().mapToLong(guard -> guard.erase(subject)).sum();
    }

    /**
     * Lets every guard write itself down.
     *
     * @param scratch closed by the caller when the draft is written
     */
    public void save(GenerationDraft draft, NDManager scratch) {
        slots.forEach(slot -> slot.guard().save(draft.writer(slot.guard().name(), scratch)));
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (ForgettingGuard guard : guards) {
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
