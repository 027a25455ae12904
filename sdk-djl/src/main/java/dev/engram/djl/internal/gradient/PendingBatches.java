package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDManager;
import dev.engram.djl.internal.check.HeardBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The batches whose gradients wait for the optimizer's step.
 *
 * <p>A loop that adds up several closes each before the step comes, so they are copied. One that
 * steps after every batch needs no copies, once a step has shown that its batches are still there.
 */
public final class PendingBatches implements AutoCloseable {

    private final Supplier<NDManager> owner;
    private final List<HeardBatch> batches = new ArrayList<>();
    private @Nullable NDManager copies;
    private boolean isCopied = true;
    private boolean isAddedUp;

    /**
     * Creates it.
     *
     * @param owner of the copies
     */
    public PendingBatches(Supplier<NDManager> owner) {
        this.owner = owner;
    }

    public boolean isEmpty() {
        return batches.isEmpty();
    }

    public int size() {
        return batches.size();
    }

    public void add(HeardBatch batch) {
        if (!batches.isEmpty()) {
            isAddedUp = true;
            copyLast();
        }
        batches.add(isCopied ? batch.copy(copies()) : batch);
    }

    /** Returns what waits, for the length of a step; {@link #clear} follows. */
    public List<HeardBatch> atStep() {
        batches.removeIf(batch -> !batch.isAlive());
        return List.copyOf(batches);
    }

    /**
     * Forgets what waits.
     *
     * @param isAlive whether the loop's last batch is still there, at its step
     */
    public void clear(boolean isAlive) {
        isCopied = isAddedUp || !isAlive;
        close();
    }

    @Override
    public void close() {
        batches.clear();
        if (copies != null) {
            copies.close();
            copies = null;
        }
    }

    private void copyLast() {
        HeardBatch last = batches.get(batches.size() - 1);
        if (!isCopied && last.isAlive()) {
            batches.set(batches.size() - 1, last.copy(copies()));
        }
        isCopied = true;
    }

    private NDManager copies() {
        if (copies == null) {
            copies = owner.get().newSubManager();
            copies.setName("engram batches");
        }
        return copies;
    }
}
