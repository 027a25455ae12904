package dev.engram.djl.internal.base;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Where the numbers of an input may lie and how far they lie apart, seen on one batch: for all
 * alike, or, where features have scales of their own, for each.
 */
final class InputRange {

    /** Features that differ by so much in their spread are not the pixels of one picture. */
    private static final double OWN_SCALES = 30;

    /** The standard deviation of each number of a sample. */
    final float[] spread;

    /** The mean distance of each from zero. */
    final float[] size;

    /** The least of each. */
    final float[] low;

    /** The greatest of each. */
    final float[] high;

    private InputRange(float[] spread, float[] size, float[] low, float[] high) {
        this.spread = spread;
        this.size = size;
        this.low = low;
        this.high = high;
    }

    /**
     * Looks at a batch.
     *
     * @param rows its numbers, sample by sample
     * @param count how many samples
     * @param areFeatures whether a sample has one dimension, so that each may have its own scale
     */
    static InputRange of(float[] rows, int count, boolean areFeatures) {
        int length = rows.length / count;
        InputRange each = apart(rows, length);
        if (areFeatures && count > 1 && each.isUneven()) {
            return each;
        }
        InputRange all = apart(rows, 1);
        return new InputRange(
                filled(all.spread, length),
                filled(all.size, length),
                filled(all.low, length),
                filled(all.high, length));
    }

    /** Looks at each of {@code length} places, which follow one another again and again. */
    private static InputRange apart(float[] rows, int length) {
        double[] sum = new double[length];
        double[] square = new double[length];
        double[] away = new double[length];
        float[] low = new float[length];
        float[] high = new float[length];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(high, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < rows.length; i++) {
            int place = i % length;
            float value = rows[i];
            sum[place] += value;
            square[place] += (double) value * value;
            away[place] += Math.abs(value);
            low[place] = Math.min(low[place], value);
            high[place] = Math.max(high[place], value);
        }
        double count = (double) rows.length / length;
        float[] spread = new float[length];
        float[] size = new float[length];
        for (int place = 0; place < length; place++) {
            double mean = sum[place] / count;
            spread[place] = (float) Math.sqrt(Math.max(0, square[place] / count - mean * mean));
            size[place] = (float) (away[place] / count);
        }
        return new InputRange(spread, size, low, high);
    }

    /** Returns an input of numbers that are each as likely anywhere in its range. */
    float[] noise(SplittableRandom random) {
        float[] noise = new float[low.length];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (low[i] + random.nextDouble() * (high[i] - low[i]));
        }
        return noise;
    }

    private boolean isUneven() {
        double[] spreads = new double[spread.length];
        for (int i = 0; i < spreads.length; i++) {
            spreads[i] = spread[i];
        }
        double[] moving = Arrays.stream(spreads).filter(s -> s > 0).sorted().toArray();
        return moving.length > 0
                && moving[moving.length - 1] > OWN_SCALES * moving[moving.length / 2];
    }

    private static float[] filled(float[] one, int length) {
        float[] all = new float[length];
        Arrays.fill(all, one[0]);
        return all;
    }
}
