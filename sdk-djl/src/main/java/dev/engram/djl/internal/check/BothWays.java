package dev.engram.djl.internal.check;

import ai.djl.engine.Engine;
import ai.djl.nn.Block;
import ai.djl.nn.recurrent.RecurrentBlock;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrent blocks of two directions with biases, whose parameters DJL 0.36 hands PyTorch in an
 * order that is not PyTorch's.
 *
 * <p>{@code GRU} and {@code RNN} fail in their first pass. An {@code LSTM} reads memory that is not
 * its own: it answers garbage, or the JVM dies, and with it all that is not written down.
 */
public final class BothWays {

    /** Set to true where DJL does better. */
    private static final String ALLOWED = "dev.engram.bidirectional";

    private BothWays() {}

    /**
     * Refuses them, before their first pass.
     *
     * @throws EngramException naming them, and what to do
     */
    public static void refuse(Block block, Engine engine) {
        if (!engine.getEngineName().equals("PyTorch") || Boolean.getBoolean(ALLOWED)) {
            return;
        }
        List<String> found = new ArrayList<>();
        look("the model", block, found);
        if (!found.isEmpty()) {
            throw new EngramException(
                    "DJL 0.36 cannot run recurrent blocks of two directions with biases on PyTorch, with or without Engram: %s. GRU and RNN fail in their first pass; an LSTM reads memory that is not its own, and may kill the JVM. Build the block with optHasBiases(false), which runs. Where your DJL does better, start Java with -D%s=true"
                            .formatted(found, ALLOWED));
        }
    }

    private static void look(String path, Block block, List<String> found) {
        if (block instanceof RecurrentBlock
                && block.getDirectParameters().contains("r_0_i2h_BIAS")) {
            found.add("%s (%s)".formatted(path, block.getClass().getSimpleName()));
        }
        for (Pair<String, Block> child : block.getChildren()) {
            look(child.getKey(), child.getValue(), found);
        }
    }
}
