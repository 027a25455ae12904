package dev.engram.djl.internal.check;

import ai.djl.nn.Block;
import dev.engram.kit.evaluation.EvaluationBlocks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PyTorch's optimizer of TorchScript graphs, which must rest where one model trains and predicts.
 *
 * <p>It computes once what follows from constants, such as the angles of a decoder's positions. DJL
 * predicts in PyTorch's inference mode, and what is computed there cannot be part of a backward
 * pass: "Inference tensors cannot be saved for backward", at the next training pass and at every
 * one after it. The engine reads its own property at each pass, so it is enough to set that.
 */
public final class GraphOptimizer {

    private static final Logger LOG = LoggerFactory.getLogger(GraphOptimizer.class);

    private static final String PROPERTY = "ai.djl.pytorch.graph_optimizer";

    private GraphOptimizer() {}

    /**
     * Turns it off, for all TorchScript models of the process, if a block holds one; where the user
     * wants it on, says what that means.
     */
    public static void rest(Block block) {
        if (!EvaluationBlocks.holdsTorchScript(block)) {
            return;
        }
        String wanted = System.getProperty(PROPERTY);
        if (wanted == null) {
            System.setProperty(PROPERTY, "false");
            LOG.warn(
                    "The model holds TorchScript: {} is set to false from now on, for the whole"
                            + " process, because a model that predicts with it may not train"
                            + " afterwards. If this one has predicted already, and training fails"
                            + " with \"Inference tensors cannot be saved for backward\", start"
                            + " Java with -D{}=false",
                    PROPERTY,
                    PROPERTY);
        } else if (Boolean.parseBoolean(wanted)) {
            LOG.warn(
                    "The model holds TorchScript, and {} is true: once a decoder has predicted,"
                            + " training fails with \"Inference tensors cannot be saved for"
                            + " backward\". Set it to false, and load the model anew",
                    PROPERTY);
        }
    }
}
