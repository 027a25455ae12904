package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.GradientProbe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures what each guard does to the gradients, without asking it.
 *
 * <p>A measurement copies all gradients, so only a few steps are measured: those at the begin of a
 * task until the guard is seen to act, and from then on rarely, but at least once an epoch. One
 * that acts at every so many steps only, as a rehearsal may, is measured at multiples of the first.
 */
final class EffectMeter implements AutoCloseable {

    private static final int FIRST_STEPS = 16;

    private final NDManager owner;
    private final Map<String, Watched> watched = new HashMap<>();
    private @Nullable Measured now;

    EffectMeter(NDManager owner, List<GuardSlot> guards) {
        this.owner = owner;
        guards.forEach(slot -> watched.put(slot.name(), new Watched(new ShareMeter(owner))));
    }

    /** Begins a step, before any guard edits its gradients. */
    void begin(long step, List<LiveParameter> parameters) {
        end();
        if (!parameters.isEmpty() && watched.values().stream().anyMatch(one -> one.isDue(step))) {
            now = new Measured(step, parameters, owner.newSubManager());
        }
    }

    /** Sees what a guard did. */
    void after(String guard) {
        Measured step = now;
        if (step == null) {
            return;
        }
        Watched one = watched.get(guard);
        if (one != null && one.isDue(step.number)) {
            NDArray change = step.change();
            one.meter.add(change, step.loop, step.sizes);
            one.wasMeasured(step.number, change);
        }
        step.renew();
    }

    /** Ends a step. */
    void end() {
        if (now != null) {
            now.scratch.close();
            now = null;
        }
    }

    /** Ends an epoch: returns what was measured in it, nothing if nothing was. */
    @Nullable Shares epoch(String guard) {
        Watched one = watched.get(guard);
        if (one == null) {
            return null;
        }
        Shares shares = one.meter.read();
        one.meter.close();
        one.hasEpoch = false;
        return shares;
    }

    @Override
    public void close() {
        end();
        watched.values().forEach(one -> one.meter.close());
    }

    /** A guard, and when it is measured. */
    private static final class Watched {

        private final ShareMeter meter;
        private long first;
        private boolean hasEpoch;

        Watched(ShareMeter meter) {
            this.meter = meter;
        }

        boolean isDue(long step) {
            if (first == 0) {
                return step <= FIRST_STEPS || GradientProbe.isDue(step);
            }
            return step % first == 0 && (!hasEpoch || GradientProbe.isDue(step / first));
        }

        /** Waits for the device until the guard is seen to act, and then no more. */
        void wasMeasured(long step, NDArray change) {
            if (first == 0) {
                try (NDArray sum = change.sum()) {
                    first = sum.getFloat() > 0 ? step : 0;
                }
            }
            hasEpoch = true;
        }
    }

    /** A step that is measured. */
    private static final class Measured {

        private final long number;
        private final List<LiveParameter> parameters;
        private final NDManager scratch;
        private final long[] sizes;
        private final NDArray loop;
        private List<NDArray> before;

        Measured(long number, List<LiveParameter> parameters, NDManager scratch) {
            this.number = number;
            this.parameters = parameters;
            this.scratch = scratch;
            this.sizes = parameters.stream().mapToLong(one -> one.value().size()).toArray();
            this.before = copies();
            this.loop = ShareMeter.squares(before, scratch);
        }

        private List<NDArray> copies() {
            List<NDArray> copies = new ArrayList<>();
            for (LiveParameter parameter : parameters) {
                try (NDArray gradient = parameter.gradient()) {
                    copies.add(EngineMemory.copy(gradient, scratch));
                }
            }
            return copies;
        }

        NDArray change() {
            List<NDArray> differences = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                try (NDArray gradient = parameters.get(i).gradient()) {
                    NDArray difference = gradient.sub(before.get(i));
                    difference.attach(scratch);
                    differences.add(difference);
                }
            }
            NDArray change = ShareMeter.squares(differences, scratch);
            differences.forEach(NDArray::close);
            return change;
        }

        void renew() {
            List<NDArray> old = before;
            before = copies();
            old.forEach(NDArray::close);
        }
    }
}
