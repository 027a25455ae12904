package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDList;

/** How large the samples of a task are, as they were seen in its first epoch. */
final class RawSize {

    private static final double PERCENT = 100;

    private long bytes;
    private boolean isSeenAgain;

    void begin() {
        bytes = 0;
        isSeenAgain = false;
    }

    void add(Form form, NDList data) {
        if (!isSeenAgain) {
            bytes +=
                    data.head().getShape().get(0) * form.width() * form.inputType().getNumOfBytes();
        }
    }

    void endEpoch() {
        isSeenAgain = true;
    }

    /** Says how much something is beside them. */
    String share(long kept) {
        return bytes == 0
                ? "%d bytes".formatted(kept)
                : "%d bytes (%.1f %% of the samples' %d)"
                        .formatted(kept, PERCENT * kept / bytes, bytes);
    }
}
