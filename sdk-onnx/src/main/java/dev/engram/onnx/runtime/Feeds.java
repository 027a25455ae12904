package dev.engram.onnx.runtime;

import ai.onnxruntime.OnnxTensorLike;
import dev.engram.api.EngramException;
import java.util.Map;

/** The inputs of a run. */
final class Feeds {

    private Feeds() {}

    /**
     * Refuses closed tensors, of which ONNX Runtime would read freed memory, and with it end the
     * process.
     *
     * @throws EngramException naming the first
     */
    static void requireOpen(Map<String, ? extends OnnxTensorLike> inputs) {
        inputs.forEach(
                (name, tensor) -> {
                    if (tensor == null || tensor.isClosed()) {
                        throw new EngramException(
                                "The input %s is %s: give an open tensor, and close it after the run"
                                        .formatted(name, tensor == null ? "null" : "closed"));
                    }
                });
    }
}
