package dev.engram.onnx.adapter;

import ai.djl.nn.Block;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.kit.compose.Composition;
import dev.engram.onnx.OnnxBlock;
import java.util.ArrayList;
import java.util.List;

/** Where a model has its block that was read from an ONNX file. */
final class OnnxBlockPath {

    private final List<String> prefixes = new ArrayList<>();

    OnnxBlockPath(Block root) {
        find(root, "");
    }

    private void find(Block block, String path) {
        if (block instanceof OnnxBlock) {
            prefixes.add(Composition.join(path, ""));
        }
        for (Pair<String, Block> child : block.getChildren()) {
            find(child.getValue(), Composition.join(path, child.getKey()));
        }
    }

    /**
     * Returns what the names of its parameters begin with.
     *
     * @throws EngramException if there is not exactly one
     */
    String prefix() {
        if (prefixes.size() != 1) {
            throw new EngramException(
                    "The model has %d OnnxBlocks inside (%s): give the prefix of the parameters of one"
                            .formatted(prefixes.size(), prefixes));
        }
        return prefixes.get(0);
    }
}
