package dev.engram.kit.overlay;

import dev.engram.api.Experimental;

/**
 * The layer that a weight is for, as its block sees it.
 *
 * @param type what the layer computes, such as {@code MatMul} or {@code Conv}
 * @param name the layer's own name, which need not be the weight's; empty if it has none
 * @param isOutputFirst whether the weight's first axis is that of the layer's outputs, as in {@code
 *     Linear}
 * @param module the path of the module that the layer was in the model that the block was exported
 *     from, dotted, such as {@code encoder.layer.0.attention.self.query}; empty if that is not
 *     known
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record LayerUse(String type, String name, boolean isOutputFirst, String module) {

    /** Creates the use by a layer of which no module is known. */
    public LayerUse(String type, String name, boolean isOutputFirst) {
        this(type, name, isOutputFirst, "");
    }
}
