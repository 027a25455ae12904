package dev.engram.kit.rehearsal;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import dev.engram.kit.evaluation.TwinnedBlock;

/** Whether a model looks at its batch as a whole, so that it cannot train on a single sample. */
final class BatchStatistics {

    private BatchStatistics() {}

    /** Returns whether a block normalises by its batch, or may do so out of sight. */
    static boolean mayBeTakenBy(Block block) {
        if (block instanceof TwinnedBlock before) {
            // It has the children of the block behind it, but is not that block.
            return mayBeTakenBy(before.base());
        }
        return block instanceof SymbolBlock
                || block.getParameters().values().stream()
                        .anyMatch(own -> own.getType() == Parameter.Type.RUNNING_MEAN)
                || block.getChildren().values().stream().anyMatch(BatchStatistics::mayBeTakenBy);
    }
}
