package dev.engram.kit.evaluation;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;

/**
 * Gives a block's twin that runs in evaluation mode and still records for autograd.
 *
 * <p>DJL's own blocks do so as they are. A TorchScript block does not: in evaluation mode DJL turns
 * autograd off around it, silently, so that everything below it would count as unimportant.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class EvaluationBlocks {

    private EvaluationBlocks() {}

    /**
     * Returns a block with the same parameters that may be run with {@code training = false}.
     *
     * @throws EngramException if a TorchScript block hides where it cannot be reached
     */
    public static Block of(Block block) {
        if (!holdsTorchScript(block)) {
            return block;
        }
        if (TorchScriptEvaluation.isTorchScript(block)) {
            return new TorchScriptEvaluation(block);
        }
        if (block instanceof TwinnedBlock twinned) {
            of(twinned.base());
            return twinned.running(EvaluationBlocks::of);
        }
        if (block.getClass() != SequentialBlock.class) {
            throw new EngramException(
                    "A TorchScript model stands inside a "
                            + block.getClass().getName()
                            + ", where its importance cannot be measured in evaluation mode. Use it"
                            + " as the model's block itself or as a child of a SequentialBlock.");
        }
        SequentialBlock original = (SequentialBlock) block;
        SequentialBlock twin = new SequentialBlock();
        twin.setReturnIntermediate(original.isReturnIntermediate());
        original.getChildren().values().forEach(child -> twin.add(of(child)));
        return twin;
    }

    /** Returns whether a block is a TorchScript model. */
    public static boolean isTorchScript(Block block) {
        return TorchScriptEvaluation.isTorchScript(block);
    }

    /** Returns whether a block is, or contains, a TorchScript model. */
    public static boolean holdsTorchScript(Block block) {
        return TorchScriptEvaluation.isTorchScript(block)
                || block.getChildren().values().stream()
                        .anyMatch(EvaluationBlocks::holdsTorchScript);
    }
}
