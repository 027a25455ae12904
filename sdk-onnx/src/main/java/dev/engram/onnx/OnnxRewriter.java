package dev.engram.onnx;

import ai.djl.nn.Block;
import dev.engram.api.Experimental;
import dev.engram.kit.compose.BlockRewriter;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.kit.compose.Rewiring;
import java.util.List;
import java.util.Optional;

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
public final class OnnxRewriter implements BlockRewriter {

    /** Creates the rewriter, as {@code ServiceLoader} does. */
    public OnnxRewriter() {}

    @Override
    public boolean knows(Block block) {
        return block instanceof OnnxBlock;
    }

    @Override
    public Block rewrite(Block original, String path, Rewiring rewiring) {
        OnnxBlock block = (OnnxBlock) original;
        RewiredGraph rewired = new RewiredGraph(block);
        products(rewired, block, path, rewiring);
        DataFlow flow = new DataFlow(block.graph());
        GraphLayers layers = new GraphLayers(flow, block.layers());
        afterSublayers(rewired, Sublayers.of(flow, layers), path, rewiring);
        for (GraphLayer layer : layers.all()) {
            rewiring.afterChild(Rewiring.join(path, layer.name()), layer::width)
                    .ifPresent(inserted -> rewired.insert(layer.output(), inserted));
        }
        prompt(rewired, block, flow, path, rewiring);
        return rewired;
    }

    private static void products(
            RewiredGraph rewired, OnnxBlock block, String path, Rewiring rewiring) {
        block.layers()
                .products(block.trained().values())
                .forEach(
                        (weight, use) ->
                                rewiring.product(Rewiring.join(path, weight), use.isOutputFirst())
                                        .ifPresent(update -> rewired.update(weight, update)));
    }

    private static void afterSublayers(
            RewiredGraph rewired,
            List<Sublayers.Sublayer> sublayers,
            String path,
            Rewiring rewiring) {
        for (Sublayers.Sublayer sublayer : sublayers) {
            String at = Rewiring.join(path, sublayer.last().name());
            long width = sublayer.last().width();
            Optional<Block> inserted =
                    sublayer.isAttention()
                            ? rewiring.afterAttention(at, width)
                            : rewiring.afterFeedForward(at, width);
            inserted.ifPresent(each -> rewired.insert(sublayer.output(), each));
        }
    }

    /** Looks for the place only where a prompt is wanted: a graph without one has other uses. */
    private static void prompt(
            RewiredGraph rewired, OnnxBlock block, DataFlow flow, String path, Rewiring rewiring) {
        Optional<WordEmbedding> words = WordEmbedding.find(flow).stream().findFirst();
        if (words.isPresent()) {
            Optional<EmbeddingPrefix> prefix = rewiring.embeddings(path, words.get().width());
            prefix.ifPresent(each -> rewired.prompt(PromptPlace.of(block, flow), each));
        }
    }
}
