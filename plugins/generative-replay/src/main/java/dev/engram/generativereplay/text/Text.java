package dev.engram.generativereplay.text;

import java.nio.IntBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * A text that a model wrote.
 *
 * @param likelihoods the logarithm of how likely each token was, from the second on
 * @param seen what the model's last layer saw of it
 */
@SuppressWarnings("ArrayRecordComponent") // Nothing compares texts.
record Text(int[] tokens, float[] likelihoods, float[] seen) {

    /**
     * Returns how many tokens the model was undecided between at each place, in the geometric mean.
     *
     * @param padding a token that does not count
     */
    double perplexity(int padding) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < likelihoods.length; i++) {
            if (tokens[i + 1] != padding) {
                sum += likelihoods[i];
                count++;
            }
        }
        return Math.exp(-sum / Math.max(1, count));
    }

    /**
     * Returns the share of the runs of some tokens that are there before in the text.
     *
     * @param padding runs of which do not count
     */
    double repeated(int run, int padding) {
        int all = 0;
        Set<IntBuffer> known = new HashSet<>();
        for (int from = 0; from + run <= tokens.length; from++) {
            IntBuffer one = IntBuffer.wrap(tokens, from, run).slice();
            if (!isPadding(one, padding)) {
                all++;
                known.add(one);
            }
        }
        return all == 0 ? 0 : 1 - (double) known.size() / all;
    }

    /** Returns the different runs of some tokens. */
    Set<IntBuffer> runs(int run, int padding) {
        Set<IntBuffer> runs = runs(tokens, run);
        runs.removeIf(one -> isPadding(one, padding));
        return runs;
    }

    /** Returns the different runs of some tokens in others. */
    static Set<IntBuffer> runs(int[] tokens, int run) {
        Set<IntBuffer> runs = new HashSet<>();
        for (int from = 0; from + run <= tokens.length; from++) {
            runs.add(IntBuffer.wrap(tokens, from, run).slice());
        }
        return runs;
    }

    private static boolean isPadding(IntBuffer run, int padding) {
        for (int i = 0; i < run.limit(); i++) {
            if (run.get(i) != padding) {
                return false;
            }
        }
        return true;
    }
}
