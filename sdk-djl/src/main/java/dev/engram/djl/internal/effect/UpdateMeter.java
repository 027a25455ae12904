package dev.engram.djl.internal.effect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.UpdateView;
import dev.engram.kit.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.List;

/** Measures at a few steps how much a guard changes what the optimizer did to the weights. */
public final class UpdateMeter implements AutoCloseable {

    private final ShareMeter meter;
    private final MeasuredSteps steps;
    private List<NDArray> optimizers = List.of();
    private double last;

    /** Creates it; {@code owner} owns what is measured. */
    public UpdateMeter(NDManager owner) {
        this.meter = new ShareMeter(owner);
        this.steps = new MeasuredSteps(owner);
    }

    /** Returns whether the guard is measured at a step. */
    public boolean isDue(long step) {
        return steps.has(step);
    }

    /** Hears that a guard is about to see an update, at a step at which it is measured. */
    public void begin(UpdateView update) {
        optimizers = new ArrayList<>();
        for (LiveParameter one : update.parameters()) {
            optimizers.add(EngineMemory.copy(one.value(), update.scratch()));
        }
    }

    /** Sees what the guard did. */
    public void end(UpdateView update) {
        List<NDArray> changes = new ArrayList<>();
        List<NDArray> ways = new ArrayList<>();
        long[] sizes = new long[optimizers.size()];
        for (int i = 0; i < sizes.length; i++) {
            LiveParameter one = update.parameters().get(i);
            NDArray then = optimizers.get(i);
            changes.add(difference(one.value(), then, update.scratch()));
            NDArray before = update.before().get(one.name());
            ways.add(
                    before == null ? then.zerosLike() : difference(then, before, update.scratch()));
            sizes[i] = then.size();
        }
        optimizers = List.of();
        NDArray change = ShareMeter.squares(changes, update.scratch());
        meter.add(change, ShareMeter.squares(ways, update.scratch()), sizes);
        steps.measured(update.step(), change);
    }

    private static NDArray difference(NDArray one, NDArray other, NDManager scratch) {
        NDArray difference = one.sub(other);
        difference.attach(scratch);
        return difference;
    }

    /** Ends an epoch: returns the share in the updates that were measured last, 0 if none was. */
    public double epoch() {
        Shares shares = meter.read();
        meter.close();
        steps.endEpoch();
        last = shares == null ? last : shares.gradient();
        return last;
    }

    @Override
    public void close() {
        meter.close();
        steps.close();
    }
}
