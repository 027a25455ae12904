package dev.engram.kit.compose;

import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.Stable;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What is to be put where in a model; asked once for each place while the model is composed anew.
 *
 * <p>A path is the prefix that the parameters there have in {@code block.getParameters()}: for path
 * {@code 01Linear} the weight is named {@code 01Linear_weight}. The path of the model itself is
 * empty; see {@link Composition#join}. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface Insertion {

    /**
     * Returns the kinds of places that a model must have at least once, and must not hide in blocks
     * that Engram cannot compose anew; see {@link ComposedModel#problems}.
     */
    default Set<Place> needs() {
        return Set.of();
    }

    /** Returns what takes the place of a linear layer, if anything. */
    default Optional<Block> linear(String path, Linear original) {
        return Optional.empty();
    }

    /**
     * Returns what is added to the products by a weight, if anything: in a graph read from a file,
     * which has no linear layers of its own. It is asked for weights only that nothing else uses.
     *
     * @param weight the path of the weight
     * @param isOutputFirst whether the weight has the layer's outputs as its first axis
     */
    default Optional<LinearUpdate> linearUpdate(String weight, boolean isOutputFirst) {
        return Optional.empty();
    }

    /**
     * Returns what is applied to the output of an attention layer, before the residual is added.
     *
     * @param path the path of the block that holds attention and residual; in a graph read from a
     *     file, of the last layer before the residual
     * @param width the size of the last dimension
     */
    default Optional<Block> afterAttention(String path, long width) {
        return Optional.empty();
    }

    /**
     * Returns what is applied to the output of a feed-forward layer, before the residual is added.
     *
     * @param path the path of the block that holds the layer and the residual; in a graph read from
     *     a file, of the last layer before the residual
     * @param width the size of the last dimension
     */
    default Optional<Block> afterFeedForward(String path, long width) {
        return Optional.empty();
    }

    /**
     * Returns the keys and values to put in front of those of an attention layer.
     *
     * @param path the path of the attention layer
     * @param width the size of the last dimension, all heads together
     */
    default Optional<KeyValuePrefix> keysAndValues(String path, long width) {
        return Optional.empty();
    }

    /**
     * Returns what to put in front of the embeddings of a block that embeds and transforms a
     * sequence, such as a BERT, or of a graph read from a file; it is cut off again after the last
     * layer. In a graph that takes positions by their numbers it goes after the last of those.
     *
     * @param path the path of the block
     * @param width the size of the last dimension
     */
    default Optional<EmbeddingPrefix> embeddings(String path, long width) {
        return Optional.empty();
    }

    /**
     * Returns what is applied to the output of a child of a sequence, or of a layer of a graph read
     * from a file.
     *
     * @param path the path of the child or layer
     * @param width tells the size of the last dimension when asked, or why it cannot
     */
    default Optional<Block> afterChild(String path, LongSupplier width) {
        return Optional.empty();
    }
}
