package dev.engram.prompttuning;

import dev.engram.kit.overlay.Targets;
import java.util.List;

/**
 * What a method was built with.
 *
 * @param length vectors of a prompt or prefix
 * @param after path of the child of a sequence that prompts follow; empty to find it
 * @param until path of the child after which they are cut off; empty to find it
 * @param owned patterns of {@link Targets}, {@link Targets#AUTO} or empty
 * @param tokens rows of the token embeddings to start from
 * @param deviation of random numbers; 0 for that of the token embeddings
 * @param hidden width of the reparametrisation; 0 for that of the vectors
 */
record PromptDesign(
        PromptMethod method,
        int length,
        String after,
        String until,
        String owned,
        Initialisation initialisation,
        List<Integer> tokens,
        double deviation,
        Reparametrisation reparametrisation,
        int hidden,
        Pool pool) {

    PromptDesign {
        tokens = List.copyOf(tokens);
    }

    /**
     * What only a pool has.
     *
     * @param size prompts in it
     * @param selected how many of them a sample gets
     * @param pull strength λ that draws selected keys to their samples
     * @param isContinued whether a task starts with the pool of the one before
     */
    record Pool(int size, int selected, double pull, boolean isContinued) {}
}
