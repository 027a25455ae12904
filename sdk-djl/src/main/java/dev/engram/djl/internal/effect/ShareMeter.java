package dev.engram.djl.internal.effect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.autograd.InnerProduct;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds up, over the steps that are measured, how much something changed arrays, beside how large
 * they were; on the device, to be read at the end of an epoch.
 */
final class ShareMeter implements AutoCloseable {

    private final NDManager owner;
    private @Nullable NDManager kept;
    private @Nullable NDArray changed;
    private @Nullable NDArray whole;
    private long[] sizes = {};

    ShareMeter(NDManager owner) {
        this.owner = owner;
    }

    /**
     * Adds a step.
     *
     * @param change the sum of the squares of each array's change, from {@link #squares}
     * @param size that of the squares of what it is compared with
     * @param elements of each array
     */
    void add(NDArray change, NDArray size, long[] elements) {
        NDArray sum = changed;
        NDArray against = whole;
        if (sum == null || against == null || elements.length != sizes.length) {
            close();
            NDManager manager = owner.newSubManager();
            manager.setName("engram effect");
            kept = manager;
            changed = EngineMemory.copy(change, manager);
            whole = EngineMemory.copy(size, manager);
            sizes = elements.clone();
        } else {
            sum.addi(change);
            against.addi(size);
        }
    }

    /** Returns the share of the change; nothing if no step was measured. Waits for the device. */
    @Nullable Shares read() {
        if (changed == null || whole == null) {
            return null;
        }
        float[] change = changed.toFloatArray();
        float[] size = whole.toFloatArray();
        double way = 0;
        double length = 0;
        double held = 0;
        double moving = 0;
        for (int i = 0; i < change.length; i++) {
            way += change[i];
            length += size[i];
            held += change[i] > 0 ? sizes[i] : 0;
            moving += change[i] > 0 || size[i] > 0 ? sizes[i] : 0;
        }
        double share = Math.sqrt(way) / (Math.sqrt(way) + Math.sqrt(length));
        boolean isTold = Double.isFinite(share) || way == 0;
        return isTold ? new Shares(way == 0 ? 0 : share, moving == 0 ? 1 : held / moving, 0) : null;
    }

    /** Returns the sum of the squares of each array, in one array. */
    static NDArray squares(List<NDArray> arrays, NDManager scratch) {
        NDList sums = new NDList();
        arrays.forEach(array -> sums.add(InnerProduct.ofItself(array, scratch)));
        NDArray all = NDArrays.stack(sums);
        all.attach(scratch);
        return all;
    }

    @Override
    public void close() {
        if (kept != null) {
            kept.close();
            kept = null;
        }
        changed = null;
        whole = null;
    }
}
