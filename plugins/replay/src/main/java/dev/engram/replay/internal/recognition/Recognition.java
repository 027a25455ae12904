package dev.engram.replay.internal.recognition;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.replay.internal.ledger.Ledger;

/**
 * Gives each sample the random number that decides how soon it leaves: on a CPU a function of its
 * task, its inputs and its labels, so that a further epoch gives it the same one, and what was kept
 * or refused once stays so. Copies within an epoch are told apart by their number.
 *
 * <p>Elsewhere to read a batch would wait for the device at every step: there each observation gets
 * a number of its own, and counts as a sample.
 */
public final class Recognition {

    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final Ledger ledger;
    private final NDManager manager;
    private Occurrences seen = new Occurrences();
    private int epochs;

    public Recognition(Ledger ledger, NDManager manager) {
        this.ledger = ledger;
        this.manager = manager;
    }

    /** Returns whether the samples of a batch are recognised when they come again. */
    public static boolean knows(ObservedBatch batch) {
        long bytes = 0;
        for (NDArray array : arrays(batch)) {
            if (array.isSparse() || !Device.Type.CPU.equals(array.getDevice().getDeviceType())) {
                return false;
            }
            bytes = Math.max(bytes, array.size() * array.getDataType().getNumOfBytes());
        }
        return bytes <= Integer.MAX_VALUE;
    }

    /** Returns a number for each sample, 0 to {@link Long#MAX_VALUE} - 1. */
    public long[] tags(ObservedBatch batch, int size) {
        long[] tags = digests(batch, size);
        for (int row = 0; row < size; row++) {
            long number = seen.next(tags[row]);
            tags[row] =
                    Math.min(Long.MAX_VALUE - 1, Digests.spread(tags[row] + number * STEP) >>> 1);
        }
        return tags;
    }

    /** Returns what tells the samples of a batch; from other devices than a CPU this waits. */
    public long[] digests(ObservedBatch batch, int size) {
        long seed = Digests.of(batch.task().name(), Digests.spread(ledger.seed() + STEP));
        return Digests.of(arrays(batch), size, seed, manager);
    }

    private static NDList arrays(ObservedBatch batch) {
        return new NDList(batch.data()).addAll(batch.labels());
    }

    /** Returns the number of the epoch that is under way, from 1. */
    public int epoch() {
        return epochs + 1;
    }

    public void endEpoch() {
        epochs++;
        seen.clear();
    }

    public void forgetTask() {
        epochs = 0;
        seen = new Occurrences();
    }
}
