package dev.engram.kit.compose;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.List;

/**
 * Composes models anew around the same parameters, with something put inside.
 *
 * <p>What it returns shares the parameters of the original, so training one trains the other; the
 * original is not touched.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ModelComposer {

    private final KnownBlocks known;

    private ModelComposer(KnownBlocks known) {
        this.known = known;
    }

    /**
     * Creates the composer.
     *
     * @param own asked first; then those that {@code ServiceLoader} finds, Engram's own last
     */
    public static ModelComposer of(BlockComposer... own) {
        return new ModelComposer(KnownBlocks.find(List.of(own)));
    }

    /**
     * Composes a model with what an insertion puts inside.
     *
     * @param base a model whose parameters have arrays
     * @throws EngramException if a block composed anew does not compute what the original does
     */
    public ComposedModel compose(Block base, Insertion insertion) {
        CompositionRun run = new CompositionRun(known, insertion, false);
        Block block = run.child("", base);
        if (run.insertions() == 0) {
            return run.result(base);
        }
        new Verification(known).verify("", base);
        return run.result(block);
    }

    /** Composes every known block of a model anew, with nothing put inside. */
    public Block recompose(Block base) {
        return new CompositionRun(known, new Insertion() {}, true).child("", base);
    }

    /**
     * Compares a model in evaluation mode with the same model composed anew, nothing put inside.
     *
     * @return the largest difference of any output, relative to the largest output
     * @throws EngramException if it exceeds 1e-5
     */
    public double check(Block base, NDList inputs) {
        return Verification.compare("", base, recompose(base), inputs);
    }
}
