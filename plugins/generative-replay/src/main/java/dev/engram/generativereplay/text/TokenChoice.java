package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.engram.api.EngramException;
import java.util.SplittableRandom;

/**
 * How the next token is drawn: among the likeliest, in proportion to their probabilities at a
 * temperature.
 *
 * @param top among how many, 0: all
 */
record TokenChoice(double temperature, int top) {

    /**
     * Draws a token for each text; waits for the device.
     *
     * @param scores (texts, vocabulary), as the softmax takes them
     */
    int[] of(NDArray scores, SplittableRandom random) {
        int texts = Math.toIntExact(scores.getShape().get(0));
        if (top == 0 || top >= scores.getShape().get(1)) {
            return drawn(scores.toFloatArray(), texts, random);
        }
        NDList best = scores.topK(top, 1);
        long[] tokens = best.get(1).toLongArray();
        int[] places = drawn(best.get(0).toFloatArray(), texts, random);
        int[] chosen = new int[texts];
        for (int i = 0; i < texts; i++) {
            chosen[i] = Math.toIntExact(tokens[i * top + places[i]]);
        }
        return chosen;
    }

    private int[] drawn(float[] scores, int texts, SplittableRandom random) {
        int width = scores.length / texts;
        int[] places = new int[texts];
        for (int i = 0; i < texts; i++) {
            places[i] = drawn(scores, i * width, width, random);
        }
        return places;
    }

    private int drawn(float[] scores, int from, int width, SplittableRandom random) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < width; i++) {
            most = Math.max(most, scores[from + i]);
        }
        double[] upTo = new double[width];
        double sum = 0;
        for (int i = 0; i < width; i++) {
            sum += Math.exp((scores[from + i] - most) / temperature);
            upTo[i] = sum;
        }
        if (!Double.isFinite(sum)) {
            throw new EngramException(
                    "Self-rehearsal: the model's scores of the next token are not finite numbers,"
                            + " so it cannot write; load the last good weights");
        }
        double place = random.nextDouble() * sum;
        int at = 0;
        while (at < width - 1 && upTo[at] <= place) {
            at++;
        }
        return at;
    }
}
