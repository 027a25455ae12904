package dev.engram.kit.compose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.Stable;
import java.util.Optional;

/**
 * Teaches Engram how to compose a kind of block anew, around the same parameters and children, so
 * that something can be put inside.
 *
 * <p>Found by {@code ServiceLoader}, or added to a {@link ModelComposer} by hand. What it returns
 * must compute what the original computes, bit for bit in evaluation, as long as nothing is put
 * inside; {@link ModelComposer#check} tells whether it does. This type grows by default methods
 * only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface BlockComposer {

    /**
     * Returns whether it knows the block. A subclass of a known class may compute something else:
     * compare classes, unless the class is final.
     */
    boolean knows(Block block);

    /**
     * Composes a known block anew.
     *
     * <p>It need not look whether anything is put inside: where nothing is, Engram goes on with the
     * original. The new block serves forward passes only, see {@link ForwardOnlyBlock}.
     *
     * @param path the path of the block
     * @param composition gives what stands in for each child, and what to put where
     * @throws dev.engram.api.EngramException if this one cannot be composed anew
     */
    Block compose(Block original, String path, Composition composition);

    /**
     * Returns whether the new block is to stand for the original also where nothing is put inside:
     * because the original's gradients cannot be relied on. No unless said so.
     */
    default boolean mends() {
        return false;
    }

    /**
     * Returns inputs on which both versions of a known block are compared before the new one is
     * used, if inputs can be told from the block alone.
     *
     * @param manager owns the returned arrays, and has the device of the block's parameters
     */
    default Optional<NDList> sample(Block original, NDManager manager) {
        return Optional.empty();
    }
}
