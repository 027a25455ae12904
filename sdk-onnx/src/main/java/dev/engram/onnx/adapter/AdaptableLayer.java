package dev.engram.onnx.adapter;

import dev.engram.api.Experimental;

/**
 * A matrix product of a model that can get an adapter: {@code y = x·W} with a stored {@code W}.
 *
 * @param node the node's name, or the name of its output where it has none
 * @param operator {@code MatMul} or {@code Gemm}
 * @param weight the name of the initialiser, or of the constant's output
 * @param in how many values {@code x} has in its last axis
 * @param out how many values {@code y} has in its last axis
 * @param outFirst whether the weight is stored as (out, in), as PyTorch does
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record AdaptableLayer(
        String node, String operator, String weight, long in, long out, boolean outFirst) {

    @Override
    public String toString() {
        return "%s %s (weight %s, %d -> %d)".formatted(operator, node, weight, in, out);
    }
}
