package dev.engram.kit.compose;

import ai.djl.nn.Block;
import dev.engram.api.Stable;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What a {@link BlockComposer} asks while it composes a block anew; for one thread, for one go. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface Composition {

    /**
     * Returns what stands in for a child: the child itself where nothing is put inside.
     *
     * @param path the child's path, see {@link #join}
     */
    Block child(String path, Block child);

    /** Asks for {@link Insertion#linearUpdate}. */
    Optional<LinearUpdate> linearUpdate(String weight, boolean isOutputFirst);

    /** Asks for {@link Insertion#afterAttention}. */
    Optional<Block> afterAttention(String path, long width);

    /** Asks for {@link Insertion#afterFeedForward}. */
    Optional<Block> afterFeedForward(String path, long width);

    /** Asks for {@link Insertion#keysAndValues}. */
    Optional<KeyValuePrefix> keysAndValues(String path, long width);

    /** Asks for {@link Insertion#embeddings}. */
    Optional<EmbeddingPrefix> embeddings(String path, long width);

    /** Asks for {@link Insertion#afterChild}. */
    Optional<Block> afterChild(String path, LongSupplier width);

    /** Returns the path of a child, or the name of a parameter, below a path. */
    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "_" + name;
    }
}
