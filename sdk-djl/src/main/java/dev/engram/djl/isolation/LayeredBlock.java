package dev.engram.djl.isolation;

import dev.engram.api.Experimental;
import java.util.Optional;

/**
 * A block without children that computes several layers, such as a graph read from a file, and says
 * which of them each of its parameters is for. By that methods find what to adapt.
 */
@Experimental(since = "0.1", implementedBy = "Engram")
public interface LayeredBlock {

    /** Returns the layer that a direct parameter is the weight of; empty if of none. */
    Optional<LayerUse> layerOf(String parameter);

    /** Returns the direct parameter whose rows are the vectors of tokens, if there is one. */
    default Optional<String> tokenEmbeddings() {
        return Optional.empty();
    }
}
