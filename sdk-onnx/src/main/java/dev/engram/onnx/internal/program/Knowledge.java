package dev.engram.onnx.internal.program;

/** When a value is known: from the file alone, from the input shapes, or only from the batch. */
enum Knowledge {
    FILE,
    SHAPES,
    BATCH;

    Knowledge and(Knowledge other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
