package dev.engram.replay.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.djl.autograd.EngineMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Measures on the device, at a few steps, how far rehearsal moved the gradient. */
final class RehearsalProbe {

    private static final long EVERY = 64;

    private @Nullable NDManager owner;
    private @Nullable NDArray loss;
    private @Nullable NDArray moved;
    private @Nullable NDArray fresh;

    /** Early steps often, later ones rarely: a probe copies all gradients. */
    static boolean isDue(long step) {
        return Long.bitCount(step) == 1 || step % EVERY == 0;
    }

    List<NDArray> before(StepView step) {
        List<NDArray> copies = new ArrayList<>();
        for (LiveParameter parameter : step.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                NDArray copy = gradient.duplicate();
                copy.attach(step.scratch());
                copies.add(copy);
            }
        }
        return copies;
    }

    void after(StepView step, List<NDArray> before, NDArray replayLoss) {
        NDArray was = step.scratch().create(0f);
        NDArray way = step.scratch().create(0f);
        for (int i = 0; i < before.size(); i++) {
            try (NDArray gradient = step.parameters().get(i).gradient();
                    NDArray difference = gradient.sub(before.get(i))) {
                was.addi(squareSum(before.get(i), step.scratch()));
                way.addi(squareSum(difference, step.scratch()));
            }
        }
        forget();
        NDManager manager = step.manager().newSubManager();
        manager.setName("rehearsal effect");
        owner = manager;
        loss = kept(replayLoss, manager);
        moved = kept(way, manager);
        fresh = kept(was, manager);
    }

    void forget() {
        if (owner != null) {
            owner.close();
            owner = null;
        }
    }

    /** Returns the last measurement; waits for the device. */
    Optional<GuardEffect> read() {
        if (owner == null || loss == null || moved == null || fresh == null) {
            return Optional.empty();
        }
        double way = Math.sqrt(moved.getFloat());
        double was = Math.sqrt(fresh.getFloat());
        double share = way == 0 ? 0 : way / (way + was);
        return Optional.of(GuardEffect.of(loss.getFloat(), share));
    }

    private static NDArray squareSum(NDArray array, NDManager scratch) {
        try (NDArray square = array.square()) {
            NDArray sum = square.sum().toType(DataType.FLOAT32, false);
            sum.attach(scratch);
            return sum;
        }
    }

    private static NDArray kept(NDArray value, NDManager manager) {
        try (NDArray here = EngineMemory.copy(value, value.getManager())) {
            return EngineMemory.copy(here.toType(DataType.FLOAT32, false), manager);
        }
    }
}
