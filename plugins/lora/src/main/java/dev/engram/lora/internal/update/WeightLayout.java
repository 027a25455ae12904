package dev.engram.lora.internal.update;

/** Which way round a layer's weight is stored. */
public enum WeightLayout {
    /** As in {@code Linear} and in convolutions: the first axis is that of the outputs. */
    OUTPUT_FIRST,
    /** As in the {@code Conv1D} of GPT-2: (in, out). */
    INPUT_FIRST,
    /** A row for each entry: (entries, out). */
    EMBEDDING;

    public boolean isOutputFirst() {
        return this == OUTPUT_FIRST;
    }
}
