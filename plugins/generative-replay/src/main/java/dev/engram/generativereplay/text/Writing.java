package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How texts come to be: written, sieved, and picked from.
 *
 * @param oversampling how many times as many are written as are wanted
 */
record Writing(TokenChoice choice, double oversampling, Sieve sieve, Spread spread) {

    /** Texts, and what became of the others. */
    record Result(List<Text> texts, int written, Sieve.Left left, int copies) {

        String describe() {
            return "%d texts of %d that the model wrote (%d left out as unlikely, %d as repetitive, %d as much like another, %d as copies)"
                    .formatted(
                            texts.size(),
                            written,
                            left.unlikely(),
                            left.repetitive(),
                            left.doubled(),
                            copies);
        }
    }

    /**
     * Lets a model write.
     *
     * @param first see {@link Author#write}
     * @param forbidden what no text may have, or null
     * @throws EngramException if nothing that it writes is of use
     */
    Result write(
            LanguageModel model,
            int first,
            int wanted,
            @Nullable SampleRuns forbidden,
            SplittableRandom random,
            NDManager manager) {
        int count = (int) Math.ceil(wanted * oversampling);
        List<Text> written = new Author(model, choice, manager).write(count, first, random);
        Sieve.Left left = sieve.of(written);
        List<Text> own = forbidden == null ? left.texts() : forbidden.without(left.texts());
        int copies = left.texts().size() - own.size();
        List<Text> picked = spread.of(own, wanted, manager, random);
        Result result = new Result(picked, count, left, copies);
        if (picked.isEmpty()) {
            throw new EngramException(
                    "Self-rehearsal has no text left to rehearse: %s. Let more repeat (repeated, shared, longest-copy), look at shorter or longer runs (run), or take er with a store of its own"
                            .formatted(result.describe()));
        }
        return result;
    }
}
