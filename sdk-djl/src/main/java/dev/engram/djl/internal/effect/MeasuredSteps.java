package dev.engram.djl.internal.effect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.kit.autograd.GradientProbe;
import org.jspecify.annotations.Nullable;

/**
 * At which steps of a task it is measured what a guard does.
 *
 * <p>A measurement copies arrays as large as the model, so only a few steps are measured: those at
 * the begin of a task until the guard is seen to act, and from then on rarely, but at least once an
 * epoch. One that acts at every so many steps only, as a rehearsal may, is measured at multiples of
 * the first.
 */
final class MeasuredSteps implements AutoCloseable {

    private static final int FIRST_STEPS = 16;

    private final NDManager owner;
    private @Nullable NDArray seen;
    private long first;
    private boolean hasEpoch;

    MeasuredSteps(NDManager owner) {
        this.owner = owner;
    }

    boolean has(long step) {
        if (first == 0) {
            return step <= FIRST_STEPS || GradientProbe.isDue(step);
        }
        return step % first == 0 && (!hasEpoch || GradientProbe.isDue(step / first));
    }

    /**
     * Hears of a measurement. Waits for the device at the first steps, until the guard is seen to
     * act, and then no more.
     *
     * @param change the squares of what the guard changed
     */
    void measured(long step, NDArray change) {
        hasEpoch = true;
        if (first > 0) {
            return;
        }
        try (NDArray sum = change.sum()) {
            if (step > FIRST_STEPS) {
                note(step, sum);
            } else if (sum.getFloat() > 0) {
                first = step;
            }
        }
    }

    /** Keeps the first step at which it acted on the device, to be read when the epoch ends. */
    private void note(long step, NDArray sum) {
        NDArray known = seen;
        if (known == null) {
            known = owner.zeros(new Shape());
            seen = known;
        }
        try (NDManager call = owner.newSubManager();
                NDArray acts = sum.gt(0);
                NDArray isNew = known.eq(0);
                NDArray isFirst = acts.logicalAnd(isNew)) {
            NDArray number = isFirst.toType(DataType.FLOAT32, true);
            number.attach(call);
            known.addi(number.muli(step));
        }
    }

    /** Ends an epoch; waits for the device. */
    void endEpoch() {
        hasEpoch = false;
        if (first == 0 && seen != null) {
            first = (long) seen.getFloat();
        }
    }

    @Override
    public void close() {
        if (seen != null) {
            seen.close();
            seen = null;
        }
    }
}
