package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.GuardedModel;
import java.util.Arrays;

/**
 * A model that says, for each place of a text, how likely each token comes next; what is done here
 * waits for the device.
 */
final class LanguageModel {

    /** Shorter texts are filled up to a multiple of it: passes of few shapes. */
    private static final int STEP = 16;

    private static final float SAME = 1e-3f;

    /** Scores of so many texts are there at a time, and of no more than so many tokens. */
    private static final int MOST_TEXTS = 64;

    private static final long MOST_SCORES = 1L << 26;

    private final GuardedModel model;
    private final TextForm form;
    private final NDManager manager;
    private final boolean grows;
    private final int vocabulary;

    /**
     * Looks at the model.
     *
     * @param form what it takes
     * @param manager on the model's device
     * @throws EngramException if it is no language model, or looks ahead
     */
    LanguageModel(GuardedModel model, TextForm form, NDManager manager) {
        this.model = model;
        this.form = form;
        this.manager = manager;
        try (NDManager call = manager.newSubManager()) {
            int[] one = new int[form.length()];
            NDArray answers = answers(new int[][] {one}, form.length(), call);
            this.vocabulary = Math.toIntExact(answers.getShape().get(2));
            requireNoLookAhead(answers, call);
            this.grows = answersShorter(call);
        }
    }

    /**
     * Requires that predictions are those of a language model; reads nothing.
     *
     * @throws EngramException if they are not
     */
    static void require(Shape inputs, NDArray predictions) {
        Shape shape = predictions.getShape();
        long batch = inputs.get(0);
        long length = inputs.get(1);
        boolean isFolded = shape.dimension() == 2 && shape.get(0) == batch * length;
        boolean isPlain = shape.dimension() == 3 && shape.get(0) == batch && shape.get(1) == length;
        if (!predictions.getDataType().isFloating() || !(isFolded || isPlain)) {
            throw new EngramException(
                    "Self-rehearsal needs a language model, which says for each token of (batch, length) how likely every one of the vocabulary comes next, (batch, length, vocabulary); this model answers %s %s to %s"
                            .formatted(predictions.getDataType(), shape, inputs));
        }
    }

    int vocabulary() {
        return vocabulary;
    }

    /** Returns how many texts it is shown in a pass. */
    int textsAtOnce() {
        long fit = MOST_SCORES / ((long) vocabulary * form.length());
        return (int) Math.max(1, Math.min(MOST_TEXTS, fit));
    }

    TextForm form() {
        return form;
    }

    /**
     * Returns the scores of all tokens for one place of each text, (texts, vocabulary).
     *
     * @param texts tokens that are to come may be anything
     * @param place counts from 0; what follows it is not looked at
     */
    NDArray next(int[][] texts, int place, NDManager call) {
        int filled = (place / STEP + 1) * STEP;
        int length = grows ? Math.min(filled, form.length()) : form.length();
        return answers(texts, length, call).get(":," + place + ",:");
    }

    /** Returns the logarithm of how likely each text's tokens were, from the second on. */
    float[][] likelihoods(int[][] texts) {
        try (NDManager call = manager.newSubManager()) {
            int answered = form.tokens() - 1;
            NDArray next = ids(texts, 1, form.tokens(), call).toType(DataType.INT64, false);
            NDArray found =
                    answers(texts, form.length(), call)
                            .get(":,0:" + answered + ",:")
                            .logSoftmax(-1)
                            .gather(next.expandDims(2), 2);
            return rows(found.toFloatArray(), texts.length);
        }
    }

    /** Returns the mean of what the last layer sees of each text. */
    float[][] representations(int[][] texts) {
        try (NDManager call = manager.newSubManager()) {
            NDArray seen = model.features(inputs(texts, form.length(), call));
            seen.attach(call);
            NDArray all = seen.reshape(texts.length, form.length(), -1);
            return rows(all.mean(new int[] {1}).toFloatArray(), texts.length);
        }
    }

    private NDArray answers(int[][] texts, int length, NDManager call) {
        NDList inputs = inputs(texts, length, call);
        NDArray answers = model.predict(inputs).head();
        answers.attach(call);
        require(new Shape(texts.length, length), answers);
        return answers.reshape(texts.length, length, -1).toType(DataType.FLOAT32, false);
    }

    private NDList inputs(int[][] texts, int length, NDManager call) {
        return form.inputs(ids(texts, 0, length, call), length);
    }

    private static NDArray ids(int[][] texts, int from, int to, NDManager call) {
        int[] flat =
                Arrays.stream(texts).flatMapToInt(text -> Arrays.stream(text, from, to)).toArray();
        return call.create(flat, new Shape(texts.length, (long) to - from));
    }

    private void requireNoLookAhead(NDArray answers, NDManager call) {
        int[] other = new int[form.length()];
        other[form.length() - 1] = 1;
        NDArray changed = answers(new int[][] {other}, form.length(), call);
        String before = ":,0:" + (form.length() - 1) + ",:";
        if (!answers.get(before).allClose(changed.get(before), SAME, SAME, false)) {
            throw new EngramException(
                    "Self-rehearsal needs a model that reads from left to right, but what this one"
                        + " answers at a place depends on tokens behind it, so it cannot write:"
                        + " give its attention a causal mask, or take er with a store of its own");
        }
    }

    /** One that was traced or exported for one length takes no other. */
    private boolean answersShorter(NDManager call) {
        try {
            answers(new int[][] {new int[form.length()]}, Math.min(STEP, form.length()), call);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static float[][] rows(float[] flat, int count) {
        int width = flat.length / count;
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
        }
        return rows;
    }
}
