package dev.engram.djl.internal.effect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.djl.internal.plugin.NamedGuard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Measures what each guard does to the gradients, without asking it. Those that do nothing to them,
 * because they solve the last layer or act in the loss alone, are not measured.
 */
public final class EffectMeter implements AutoCloseable {

    private final NDManager owner;
    private final Map<String, Watched> watched = new HashMap<>();
    private Set<String> joined = Set.of();
    private long number;
    private @Nullable MeasuredStep now;

    /** Creates it for guards; {@code owner} owns what is measured. */
    public EffectMeter(NDManager owner, List<NamedGuard> guards) {
        this.owner = owner;
        guards.stream()
                .filter(guard -> !guard.solvesHead() && !guard.actsInLossAlone())
                .forEach(guard -> watched.put(guard.name(), new Watched(owner)));
    }

    /**
     * Begins a step, before any guard edits its gradients.
     *
     * @param inLoss those whose terms are in the loop's gradients already, where they cannot be
     *     told apart
     */
    public void begin(long step, List<LiveParameter> parameters, Set<String> inLoss) {
        end();
        number = step;
        joined = inLoss;
        if (!parameters.isEmpty() && watched.keySet().stream().anyMatch(this::isDue)) {
            now = new MeasuredStep(parameters, owner.newSubManager());
        }
    }

    /** Hears that a guard is about to act. */
    public void before(String guard) {
        if (now != null && isDue(guard)) {
            now.copy();
        }
    }

    /** Sees what a guard did. */
    public void after(String guard) {
        MeasuredStep step = now;
        Watched one = watched.get(guard);
        if (step != null && one != null && isDue(guard)) {
            NDArray change = step.change();
            one.meter.add(change, step.loop(), step.sizes());
            one.steps.measured(number, change);
        }
    }

    private boolean isDue(String guard) {
        Watched one = watched.get(guard);
        return one != null && one.steps.has(number) && !joined.contains(guard);
    }

    /** Ends a step. */
    public void end() {
        if (now != null) {
            now.close();
            now = null;
        }
    }

    /** Ends an epoch: returns what was measured in it, nothing if nothing was. */
    public @Nullable Shares epoch(String guard) {
        Watched one = watched.get(guard);
        return one == null ? null : one.epoch();
    }

    @Override
    public void close() {
        end();
        watched.values().forEach(Watched::close);
    }

    /** What is measured of a guard. */
    private static final class Watched {

        private final ShareMeter meter;
        private final MeasuredSteps steps;

        Watched(NDManager owner) {
            meter = new ShareMeter(owner);
            steps = new MeasuredSteps(owner);
        }

        @Nullable Shares epoch() {
            Shares shares = meter.read();
            meter.close();
            steps.endEpoch();
            return shares;
        }

        void close() {
            meter.close();
            steps.close();
        }
    }
}
