package dev.engram.kit.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.Stable;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures on the device, at a few steps, how far a loss that a guard adds moves the gradient.
 *
 * <p>Used from {@code onBackward} of one guard, on the training thread. What it measured lives in a
 * sub-manager of the guard's own, until {@link #forget}.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class GradientProbe {

    private static final long EVERY = 64;

    private @Nullable NDManager owner;
    private @Nullable NDArray loss;
    private @Nullable NDArray moved;
    private @Nullable NDArray fresh;

    /**
     * Returns whether a step is to be measured: early ones often, later ones rarely, because a
     * probe copies all gradients.
     *
     * @param step its number in the task, from 1
     */
    public static boolean isDue(long step) {
        return Long.bitCount(step) == 1 || step % EVERY == 0;
    }

    /** Returns copies of the gradients as they are, owned by the step's scratch manager. */
    public List<NDArray> before(StepView step) {
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

    /**
     * Measures, without a wait for the device.
     *
     * @param before what {@link #before} returned
     * @param added the loss that was added
     */
    public void after(StepView step, List<NDArray> before, NDArray added) {
        NDArray was = step.scratch().zeros(new Shape());
        NDArray way = step.scratch().zeros(new Shape());
        for (int i = 0; i < before.size(); i++) {
            try (NDArray gradient = step.parameters().get(i).gradient();
                    NDArray difference = gradient.sub(before.get(i))) {
                was.addi(InnerProduct.ofItself(before.get(i), step.scratch()));
                way.addi(InnerProduct.ofItself(difference, step.scratch()));
            }
        }
        after(step, was, way, added);
    }

    /**
     * Takes in what the guard has measured itself.
     *
     * @param was the squared length of the gradient before the guard acted, one number
     * @param way that of what the guard added
     * @param added the loss that was added
     */
    public void after(StepView step, NDArray was, NDArray way, NDArray added) {
        forget();
        NDManager manager = step.manager().newSubManager();
        manager.setName("effect");
        owner = manager;
        loss = kept(added, manager);
        moved = kept(way, manager);
        fresh = kept(was, manager);
    }

    /**
     * Takes in the loss alone, of a guard that leaves its share of the gradient to the runtime,
     * which measures it anyway.
     *
     * @param added the loss that was added
     */
    public void after(StepView step, NDArray added) {
        after(step, step.scratch().zeros(new Shape()), step.scratch().zeros(new Shape()), added);
    }

    /** Forgets what was measured. */
    public void forget() {
        if (owner != null) {
            owner.close();
            owner = null;
        }
    }

    /** Returns the last measurement; waits for the device. */
    public Optional<GuardEffect> read() {
        if (owner == null || loss == null || moved == null || fresh == null) {
            return Optional.empty();
        }
        double way = Math.sqrt(moved.getFloat());
        double was = Math.sqrt(fresh.getFloat());
        double share = way == 0 ? 0 : way / (way + was);
        return Optional.of(GuardEffect.of(loss.getFloat(), share));
    }

    private static NDArray kept(NDArray value, NDManager manager) {
        try (NDArray here = EngineMemory.copy(value, value.getManager())) {
            return EngineMemory.copy(here.toType(DataType.FLOAT32, false), manager);
        }
    }
}
