package dev.engram.kit.evaluation;

import ai.djl.nn.Block;
import dev.engram.api.Stable;
import java.util.function.UnaryOperator;

/** A block that stands before another one and lets twins run in its place. */
@Stable(since = "0.1", implementedBy = "the runtime")
public interface TwinnedBlock extends Block {

    /** Returns the block behind this one. */
    Block base();

    /**
     * Returns a block with the same outputs, for which twins run instead of the blocks behind it.
     *
     * @param twin gives that of a block
     */
    Block running(UnaryOperator<Block> twin);
}
