package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.UpdateView;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.GradientProbe;
import java.util.ArrayList;
import java.util.List;

/** Measures at a few steps how much a guard changes what the optimizer did to the weights. */
final class UpdateMeter implements AutoCloseable {

    private final ShareMeter meter;
    private List<NDArray> optimizers = List.of();

    UpdateMeter(NDManager owner) {
        this.meter = new ShareMeter(owner);
    }

    void begin(UpdateView update) {
        if (GradientProbe.isDue(update.step())) {
            optimizers = new ArrayList<>();
            for (LiveParameter one : update.parameters()) {
                optimizers.add(EngineMemory.copy(one.value(), update.scratch()));
            }
        }
    }

    void end(UpdateView update) {
        if (optimizers.isEmpty()) {
            return;
        }
        List<NDArray> changes = new ArrayList<>();
        List<NDArray> steps = new ArrayList<>();
        long[] sizes = new long[optimizers.size()];
        for (int i = 0; i < sizes.length; i++) {
            LiveParameter one = update.parameters().get(i);
            NDArray then = optimizers.get(i);
            changes.add(difference(one.value(), then, update.scratch()));
            NDArray before = update.before().get(one.name());
            steps.add(
                    before == null ? then.zerosLike() : difference(then, before, update.scratch()));
            sizes[i] = then.size();
        }
        meter.add(
                ShareMeter.squares(changes, update.scratch()),
                ShareMeter.squares(steps, update.scratch()),
                sizes);
        optimizers = List.of();
    }

    private static NDArray difference(NDArray one, NDArray other, NDManager scratch) {
        NDArray difference = one.sub(other);
        difference.attach(scratch);
        return difference;
    }

    /** Ends an epoch: returns the share in the updates that were measured, 0 if none was. */
    double epoch() {
        Shares shares = meter.read();
        meter.close();
        return shares == null ? 0 : shares.gradient();
    }

    @Override
    public void close() {
        meter.close();
    }
}
