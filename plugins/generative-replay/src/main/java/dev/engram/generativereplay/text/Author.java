package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Writes texts with a language model, each token drawn after those before it. */
record Author(LanguageModel model, TokenChoice choice, NDManager manager) {

    /** A text that begins anywhere has had so many tokens before it. */
    static final int RUN_UP = 8;

    /** Stands for a text that begins anywhere. */
    static final int ANYWHERE = -1;

    /**
     * Writes texts.
     *
     * @param first the token that each begins with, or {@link #ANYWHERE}: with one that the model
     *     itself wrote after others
     */
    List<Text> write(int count, int first, SplittableRandom random) {
        if (first >= model.vocabulary()) {
            throw new EngramException(
                    "Self-rehearsal: texts should begin with token %d, but the model knows %d"
                            .formatted(first, model.vocabulary()));
        }
        List<Text> written = new ArrayList<>();
        int atOnce = model.textsAtOnce();
        for (int from = 0; from < count; from += atOnce) {
            int[] firsts = new int[Math.min(atOnce, count - from)];
            Arrays.fill(firsts, first);
            written.addAll(
                    texts(first == ANYWHERE ? anywhere(firsts.length, random) : firsts, random));
        }
        return written;
    }

    private int[] anywhere(int count, SplittableRandom random) {
        int[] any = random.ints(count, 0, model.vocabulary()).toArray();
        int runUp = Math.min(RUN_UP, model.form().length());
        return Arrays.stream(continued(any, runUp + 1, random))
                .mapToInt(text -> text[runUp])
                .toArray();
    }

    private List<Text> texts(int[] firsts, SplittableRandom random) {
        int[][] tokens = continued(firsts, model.form().tokens(), random);
        float[][] likelihoods = model.likelihoods(tokens);
        float[][] seen = model.representations(tokens);
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            texts.add(new Text(tokens[i], likelihoods[i], seen[i]));
        }
        return texts;
    }

    private int[][] continued(int[] firsts, int upTo, SplittableRandom random) {
        int width = Math.max(upTo, model.form().length());
        int[][] texts = new int[firsts.length][width];
        for (int i = 0; i < texts.length; i++) {
            texts[i][0] = firsts[i];
        }
        for (int place = 1; place < upTo; place++) {
            try (NDManager call = manager.newSubManager()) {
                int[] next = choice.of(model.next(texts, place - 1, call), random);
                for (int i = 0; i < texts.length; i++) {
                    texts[i][place] = next[i];
                }
            }
        }
        return texts;
    }
}
