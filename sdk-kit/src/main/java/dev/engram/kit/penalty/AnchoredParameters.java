package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.shape.Growth;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a quadratic penalty remembers: one anchor and one importance a parameter.
 *
 * <p>A sum of quadratics around several anchors is one quadratic plus a constant, the offset. The
 * constant moves no gradient; it is kept so that the penalty is reported as the sum of the tasks'.
 */
final class AnchoredParameters {

    private final Map<String, Anchored> byName = new LinkedHashMap<>();
    private @Nullable NDManager manager;
    private double offset;

    boolean isEmpty() {
        return byName.isEmpty();
    }

    /** Returns whether something is held of a parameter, be it of a part of it that was before. */
    boolean holds(LiveParameter parameter) {
        Anchored held = byName.get(parameter.name());
        return held != null && fits(held, parameter);
    }

    /** Returns how many elements of a parameter are held: those that were there before. */
    long heldElements(LiveParameter parameter) {
        Anchored held = byName.get(parameter.name());
        return held != null && fits(held, parameter) ? held.anchor.size() : 0;
    }

    /** Returns whether something is remembered under a name. */
    boolean knows(String name) {
        return byName.containsKey(name);
    }

    /**
     * Returns whether the parameter of a name is another one than that of which something is held.
     */
    boolean isReplaced(LiveParameter parameter) {
        Anchored held = byName.get(parameter.name());
        return held != null && !fits(held, parameter);
    }

    private static boolean fits(Anchored held, LiveParameter parameter) {
        Shape now = parameter.value().getShape();
        Shape before = held.anchor.getShape();
        return before.equals(now) || Growth.of(before, now);
    }

    /**
     * Returns {@code 1/2 Σ} of what remains of the tasks' quadratics at the common anchor, for λ 1.
     */
    double offset() {
        return offset;
    }

    PenaltyTerm term(LiveParameter parameter, PenaltyStrength strength, NDManager owner) {
        Anchored held = grown(get(parameter.name()), parameter, owner);
        NDArray anchor = held.anchor.toDevice(parameter.value().getDevice(), false);
        NDArray importance = held.importance.toDevice(parameter.value().getDevice(), false);
        return new PenaltyTerm(
                parameter,
                anchor,
                strength.apply(importance, owner),
                strength.capped(importance, owner),
                owner);
    }

    /** Returns the state after another task, as the sum of its quadratic and the earlier ones. */
    AnchoredParameters summed(TrainingView view, Map<String, NDArray> found) {
        AnchoredParameters next = begin(view);
        next.offset = offset;
        try (NDManager call = view.manager().newSubManager()) {
            for (LiveParameter parameter : view.parameters()) {
                NDArray fresh = found.get(parameter.name());
                if (fresh != null) {
                    next.addTerm(parameter, fresh, earlier(parameter, call));
                }
            }
        }
        keepOthers(next);
        return next;
    }

    /** Returns the state after another task: decayed importance plus its own, anchored here. */
    AnchoredParameters decayed(TrainingView view, Map<String, NDArray> found, double decay) {
        AnchoredParameters next = begin(view);
        try (NDManager call = view.manager().newSubManager()) {
            for (LiveParameter parameter : view.parameters()) {
                NDArray fresh = found.get(parameter.name());
                if (fresh != null) {
                    next.decayTerm(parameter, fresh, earlier(parameter, call), decay);
                }
            }
        }
        keepOthers(next);
        return next;
    }

    /** Returns the state with its anchors where the weights are now, as important as they were. */
    AnchoredParameters moved(TrainingView view) {
        AnchoredParameters next = begin(view);
        try (NDManager call = view.manager().newSubManager()) {
            for (LiveParameter parameter : view.parameters()) {
                Anchored held = earlier(parameter, call);
                if (held != null) {
                    NDArray anchor = parameter.value().duplicate();
                    next.put(parameter.name(), anchor, held.importance.duplicate());
                }
            }
        }
        keepOthers(next);
        return next;
    }

    void save(MemoryWriter memory) {
        memory.text("offset", Double.toHexString(offset));
        byName.forEach(
                (name, held) -> {
                    memory.tensor("anchor", name, held.anchor);
                    memory.tensor("importance", name, held.importance);
                });
    }

    static AnchoredParameters restore(MemoryReader memory) {
        AnchoredParameters restored = new AnchoredParameters();
        NDManager owner = memory.manager().newSubManager();
        restored.manager = owner;
        restored.offset = memory.text("offset").map(Double::parseDouble).orElse(0.0);
        Map<String, NDArray> anchors = memory.tensors("anchor", owner);
        Map<String, NDArray> importances = memory.tensors("importance", owner);
        anchors.forEach(
                (name, anchor) -> {
                    NDArray importance = importances.get(name);
                    if (importance == null) {
                        throw new EngramException("The memory has no importance for " + name);
                    }
                    restored.byName.put(name, new Anchored(anchor, importance));
                });
        return restored;
    }

    void close() {
        if (manager != null) {
            manager.close();
        }
        byName.clear();
    }

    private static AnchoredParameters begin(TrainingView view) {
        AnchoredParameters next = new AnchoredParameters();
        next.manager = view.manager().newSubManager();
        next.manager.setName("anchors");
        return next;
    }

    private void addTerm(LiveParameter parameter, NDArray fresh, @Nullable Anchored earlier) {
        if (earlier == null) {
            put(parameter.name(), parameter.value().duplicate(), fresh.duplicate());
            return;
        }
        NDArray total = fresh.add(earlier.importance);
        // Where nothing is of importance the quotient would be 0/0; the anchor is then irrelevant.
        try (NDArray safe = total.maximum(Float.MIN_NORMAL);
                NDArray share = fresh.div(safe);
                NDArray way = parameter.value().sub(earlier.anchor);
                NDArray move = way.mul(share);
                NDArray pulled = move.mul(earlier.importance);
                NDArray energy = pulled.mul(way)) {
            NDArray anchor = earlier.anchor.add(move);
            put(parameter.name(), anchor, total);
            offset += 0.5 * Reading.sum(energy, energy.getManager());
        }
    }

    private void decayTerm(
            LiveParameter parameter, NDArray fresh, @Nullable Anchored earlier, double decay) {
        NDArray importance = fresh.duplicate();
        if (earlier != null) {
            try (NDArray faded = earlier.importance.mul(decay)) {
                importance.addi(faded);
            }
        }
        put(parameter.name(), parameter.value().duplicate(), importance);
    }

    private void keepOthers(AnchoredParameters next) {
        byName.forEach(
                (name, held) -> {
                    if (!next.byName.containsKey(name)) {
                        next.put(name, held.anchor.duplicate(), held.importance.duplicate());
                    }
                });
    }

    /** Returns what was held of a parameter, in its shape of now; nothing if it is another one. */
    private @Nullable Anchored earlier(LiveParameter parameter, NDManager owner) {
        Anchored held = byName.get(parameter.name());
        return held == null || !fits(held, parameter) ? null : grown(held, parameter, owner);
    }

    /** What has been added to a parameter since is free: it has no importance. */
    private static Anchored grown(Anchored held, LiveParameter parameter, NDManager owner) {
        NDArray now = parameter.value();
        if (held.anchor.getShape().equals(now.getShape())) {
            return held;
        }
        try (NDArray nothing = now.zerosLike()) {
            NDArray anchor = Growth.among(held.anchor, now);
            NDArray importance = Growth.among(held.importance, nothing);
            anchor.attach(owner);
            importance.attach(owner);
            return new Anchored(anchor, importance);
        }
    }

    private void put(String name, NDArray anchor, NDArray importance) {
        if (manager == null) {
            throw new IllegalStateException("no manager yet");
        }
        anchor.attach(manager);
        importance.attach(manager);
        byName.put(name, new Anchored(anchor, importance));
    }

    private Anchored get(String name) {
        Anchored held = byName.get(name);
        if (held == null) {
            throw new IllegalStateException("no anchor for " + name);
        }
        return held;
    }

    private record Anchored(NDArray anchor, NDArray importance) {}
}
