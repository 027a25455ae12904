package dev.engram.kit.rehearsal;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;

/** Whether a model looks at its batch as a whole, so that it cannot train on a single sample. */
final class BatchStatistics {

    private BatchStatistics() {}

    /** Returns whether a block normalises by its batch, or may do so out of sight. */
    static boolean mayBeTakenBy(Block block) {
        return block instanceof SymbolBlock
                || block.getParameters().values().stream()
                        .anyMatch(own -> own.getType() == Parameter.Type.RUNNING_MEAN)
                || block.getChildren().values().stream().anyMatch(BatchStatistics::mayBeTakenBy);
    }
}
