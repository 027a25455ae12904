package dev.engram.onnx;

import ai.djl.nn.Block;
import dev.engram.api.Experimental;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.Composition;
import dev.engram.onnx.internal.compose.GraphComposer;
import java.util.List;

/**
 * Puts things inside the graph of an {@link OnnxBlock}; found by {@code ServiceLoader}.
 *
 * <ul>
 *   <li>Updates beside the products by weights that nothing else uses.
 *   <li>Blocks after attention and after feed-forward: after the last product of a sub-layer, its
 *       bias and dropout, before the residual is added; where the branch is reshaped in between,
 *       right after product and bias. A sub-layer is a branch that ends in a product by a matrix of
 *       the file and is added to what it was computed from; it is attention if it has a softmax. A
 *       product whose features are transposed to another axis ends none.
 *   <li>Blocks after any layer that is a product by a matrix of the file, after its bias: what
 *       insertions know as the children of a sequence.
 *   <li>Prompts among the vectors of tokens, which a Gather looks up by the numbers of an input.
 *       They go in front; where the graph takes positions by their numbers, as a BERT takes the
 *       first to pool it, right after the last of those. Mask, types and positions that are inputs
 *       get what such tokens would have; outputs lose the new positions on the axes that running
 *       the graph shows to be those of positions. It is refused where that cannot be told, and
 *       where no output changes with the prompt. What the graph pools over all positions itself, it
 *       pools over prompts, too.
 * </ul>
 *
 * <p>The keys and values of attention are no place in a graph.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxBlockComposer implements BlockComposer {

    /** Creates the composer, as {@code ServiceLoader} does. */
    public OnnxBlockComposer() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof OnnxBlock;
    }

    @Override
    public Block compose(Block original, String path, Composition composition) {
        OnnxBlock block = (OnnxBlock) original;
        return new GraphComposer(block.graph(), path, composition).compose(matrices(block));
    }

    private static List<String> matrices(OnnxBlock block) {
        return block.trained().values().stream()
                .filter(initializer -> initializer.dims().length == 2)
                .map(Initializer::name)
                .toList();
    }
}
