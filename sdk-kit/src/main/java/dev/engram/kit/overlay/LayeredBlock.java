package dev.engram.kit.overlay;

import dev.engram.api.Stable;
import java.util.Optional;
import java.util.Set;

/**
 * A block without children that computes several layers, such as a graph read from a file, and says
 * which of them each of its parameters is for. By that methods find what to adapt.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface LayeredBlock {

    /** Returns the layer that a direct parameter is the weight of; empty if of none. */
    Optional<LayerUse> layerOf(String parameter);

    /** Returns the direct parameter whose rows are the vectors of tokens, if there is one. */
    default Optional<String> tokenEmbeddings() {
        return Optional.empty();
    }

    /**
     * Returns the direct parameters that make the queries and values of attention, as the block's
     * structure tells, whatever their names are; empty if it does not tell.
     */
    default Set<String> queriesAndValues() {
        return Set.of();
    }

    /** Returns the direct parameters that make scores of tokens, which are the block's outputs. */
    default Set<String> tokenHeads() {
        return Set.of();
    }
}
