package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.UpdateView;
import dev.engram.djl.internal.effect.UpdateMeter;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.model.ParameterArrays;
import dev.engram.kit.autograd.EngineMemory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows guards what a step of the optimizer did, as soon as its last parameter is updated.
 *
 * <p>Where the last one is not to be told, because a parameter takes no part in the model or a loop
 * updates past its trainer, they see it when the loop shows the next sign of life.
 */
final class UpdateWatch {

    private final Guards guards;
    private final List<GuardSlot> looking;
    private final TaskViews views;
    private final Map<String, NDArray[]> updated = new HashMap<>();
    private final Map<String, UpdateMeter> meters = new HashMap<>();
    private Set<String> expected = Set.of();
    private Map<String, NDArray> before = Map.of();
    private List<LiveParameter> parameters = List.of();
    private List<GuardSlot> measured = List.of();
    private @Nullable NDManager scope;
    private long step;

    UpdateWatch(Guards guards, TaskViews views) {
        this.guards = guards;
        this.looking = guards.lookingAtUpdates();
        this.views = views;
    }

    /**
     * Begins a step, if any guard looks at updates; copies the weights before it, if one compares
     * them or is measured.
     */
    void before(long number, List<LiveParameter> trained) {
        close();
        if (looking.isEmpty()) {
            return;
        }
        NDManager owner = guards.manager().newSubManager();
        owner.setName("engram update");
        scope = owner;
        step = number;
        // By identity: arrays that are compared would be read.
        if (parameters != trained) {
            parameters = trained;
            expected = new HashSet<>();
            trained.forEach(one -> expected.add(one.parameter().getId()));
        }
        measured = looking.stream().filter(slot -> meter(slot).isDue(number)).toList();
        if (!measured.isEmpty() || looking.stream().anyMatch(this::compares)) {
            before = new LinkedHashMap<>();
            trained.forEach(one -> before.put(one.name(), EngineMemory.copy(one.value(), owner)));
        }
    }

    private boolean compares(GuardSlot slot) {
        return slot.named().comparesUpdate(step);
    }

    private UpdateMeter meter(GuardSlot slot) {
        return meters.computeIfAbsent(slot.name(), name -> new UpdateMeter(guards.manager()));
    }

    /** Hears that the optimizer has updated a parameter on all devices. */
    void updated(String parameter, NDArray[] values) {
        if (scope == null) {
            return;
        }
        updated.put(parameter, values);
        if (updated.size() >= expected.size() && updated.keySet().containsAll(expected)) {
            show();
        }
    }

    /** Shows what was not shown yet. */
    void finish() {
        if (scope != null) {
            // What was not updated now is not waited for the next time.
            Set<String> seen = Set.copyOf(updated.keySet());
            if (!seen.isEmpty()) {
                expected = seen;
            }
            show();
        }
    }

    /** Shows what was heard of so far, if the rest of it is late. */
    void finishHeard() {
        if (!updated.isEmpty()) {
            finish();
        }
    }

    private void show() {
        NDManager owner = scope;
        if (owner == null) {
            return;
        }
        try {
            looking.forEach(slot -> show(slot, owner));
            updated.values().forEach(UpdateWatch::spread);
        } finally {
            close();
        }
    }

    private void show(GuardSlot slot, NDManager owner) {
        UpdateView view = new Update(views.of(slot, owner), step, before, owner);
        boolean isMeasured = measured.contains(slot);
        if (isMeasured) {
            meter(slot).begin(view);
        }
        slot.call("at the update of step " + step, () -> slot.guard().onUpdate(view));
        if (isMeasured) {
            meter(slot).end(view);
        }
    }

    /** Guards write on the trainer's first device. */
    private static void spread(NDArray[] values) {
        for (int i = 1; i < values.length; i++) {
            ParameterArrays.into(values[i], values[0]);
        }
    }

    /** Returns the share of a guard in the updates of the epoch that ends. */
    double share(String guard) {
        UpdateMeter meter = meters.get(guard);
        return meter == null ? 0 : meter.epoch();
    }

    /** Ends the watch. */
    void end() {
        close();
        meters.values().forEach(UpdateMeter::close);
        meters.clear();
    }

    void close() {
        updated.clear();
        before = Map.of();
        measured = List.of();
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }
}
