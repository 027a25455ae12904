package dev.engram.djl.internal.consolidation;

import ai.djl.nn.Block;
import ai.djl.nn.transformer.BertBlock;
import dev.engram.djl.internal.isolation.IsolatedBlock;

/** How many samples a model needs at least in a pass. */
final class FewestSamples {

    private FewestSamples() {}

    /** Returns 1, or 2 with DJL's BertBlock: it squeezes a single sample's dimension away. */
    static int of(Block block) {
        if (block instanceof IsolatedBlock isolated) {
            return of(isolated.base());
        }
        boolean isAnyFew = block.getChildren().values().stream().anyMatch(child -> of(child) > 1);
        return isAnyFew || block instanceof BertBlock ? 2 : 1;
    }
}
