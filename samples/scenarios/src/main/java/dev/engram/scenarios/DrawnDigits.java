package dev.engram.scenarios;

import java.util.Random;

/**
 * Digits that the sample draws itself, 28 x 28, for a machine without data.
 *
 * <p>Each digit is a few strokes; every image bends them by a random affine map and a smooth
 * elastic field (Simard et al. 2003), draws them with a pen of random width, and adds noise. The
 * same seed gives the same images.
 */
public final class DrawnDigits {

    private static final int SIDE = 28;
    private static final int CLASSES = 10;
    private static final int GRID = 4;
    private static final double STEP = 0.02;

    /** Strokes of each digit: points (x, y) in the unit square, y downwards. */
    private static final double[][][] STROKES = {
        {{.5, .1, .75, .25, .8, .5, .75, .75, .5, .9, .25, .75, .2, .5, .25, .25, .5, .1}},
        {{.35, .25, .55, .1, .55, .9}},
        {{.25, .3, .35, .12, .6, .1, .75, .25, .7, .45, .25, .9, .78, .9}},
        {{.25, .15, .6, .1, .72, .28, .45, .47, .75, .65, .6, .88, .25, .85}},
        {{.6, .1, .2, .62, .8, .62}, {.62, .4, .62, .92}},
        {{.75, .1, .32, .1, .28, .45, .6, .42, .76, .65, .6, .88, .25, .85}},
        {{.65, .1, .35, .35, .25, .65, .4, .9, .65, .85, .74, .65, .6, .5, .3, .6}},
        {{.22, .1, .78, .1, .42, .9}, {.35, .5, .68, .5}},
        {
            {
                .5, .1, .7, .2, .65, .4, .35, .55, .25, .75, .5, .9, .75, .75, .65, .55, .35, .4,
                .3, .2
            },
            {.3, .2, .5, .1}
        },
        {{.7, .4, .45, .5, .28, .3, .45, .1, .7, .2, .7, .4, .62, .9}}
    };

    private final Random random;

    private DrawnDigits(long seed) {
        this.random = new Random(seed);
    }

    /** Draws images, as many of each digit as of the others, in random order of digits. */
    public static TrainAndTest draw(int train, int test, long seed) {
        return new TrainAndTest(
                new DrawnDigits(seed).images(train), new DrawnDigits(~seed).images(test));
    }

    private Images images(int count) {
        float[] pixels = new float[count * SIDE * SIDE];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % CLASSES;
            image(labels[i], pixels, i * SIDE * SIDE);
        }
        return new Images(pixels, labels, SIDE, SIDE);
    }

    private void image(int digit, float[] pixels, int base) {
        double[] map = affine();
        double[][] field = field();
        double pen = 0.035 + 0.03 * random.nextDouble();
        for (double[] stroke : STROKES[digit]) {
            for (int p = 0; p + 3 < stroke.length; p += 2) {
                segment(stroke, p, map, field, pen, pixels, base);
            }
        }
        for (int i = base; i < base + SIDE * SIDE; i++) {
            double noisy = pixels[i] + 0.06 * random.nextGaussian();
            pixels[i] = (float) Math.min(1, Math.max(0, noisy));
        }
    }

    private static void segment(
            double[] stroke,
            int p,
            double[] map,
            double[][] field,
            double pen,
            float[] pixels,
            int base) {
        double length = Math.hypot(stroke[p + 2] - stroke[p], stroke[p + 3] - stroke[p + 1]);
        int steps = (int) Math.ceil(length / STEP);
        for (int s = 0; s <= steps; s++) {
            double t = (double) s / steps;
            double x = stroke[p] + t * (stroke[p + 2] - stroke[p]) - 0.5;
            double y = stroke[p + 1] + t * (stroke[p + 3] - stroke[p + 1]) - 0.5;
            double u = map[0] * x + map[1] * y + map[4] + 0.5;
            double v = map[2] * x + map[3] * y + map[5] + 0.5;
            double du = bend(field[0], u, v);
            double dv = bend(field[1], u, v);
            dot((u + du) * SIDE, (v + dv) * SIDE, pen * SIDE, pixels, base);
        }
    }

    private static void dot(double x, double y, double radius, float[] pixels, int base) {
        int reach = (int) Math.ceil(radius + 1);
        for (int row = (int) y - reach; row <= (int) y + reach; row++) {
            for (int column = (int) x - reach; column <= (int) x + reach; column++) {
                if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) {
                    double distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
                    float ink = (float) Math.min(1, Math.max(0, radius + 0.5 - distance));
                    int i = base + row * SIDE + column;
                    pixels[i] = Math.max(pixels[i], ink);
                }
            }
        }
    }

    private double[] affine() {
        double angle = 0.3 * (random.nextDouble() - 0.5) * 2;
        double scale = 0.7 + 0.25 * random.nextDouble();
        double shear = 0.25 * (random.nextDouble() - 0.5) * 2;
        double cos = scale * Math.cos(angle);
        double sin = scale * Math.sin(angle);
        double shiftX = 0.08 * (random.nextDouble() - 0.5) * 2;
        double shiftY = 0.08 * (random.nextDouble() - 0.5) * 2;
        return new double[] {cos, shear * cos - sin, sin, shear * sin + cos, shiftX, shiftY};
    }

    private double[][] field() {
        double[][] field = new double[2][GRID * GRID];
        for (double[] component : field) {
            for (int i = 0; i < component.length; i++) {
                component[i] = 0.035 * random.nextGaussian();
            }
        }
        return field;
    }

    /** Interpolates the coarse field between its knots, which makes it smooth. */
    private static double bend(double[] field, double u, double v) {
        double x = Math.min(0.999, Math.max(0, u)) * (GRID - 1);
        double y = Math.min(0.999, Math.max(0, v)) * (GRID - 1);
        int i = (int) x;
        int j = (int) y;
        double fx = x - i;
        double fy = y - j;
        double top = field[j * GRID + i] * (1 - fx) + field[j * GRID + i + 1] * fx;
        double bottom = field[(j + 1) * GRID + i] * (1 - fx) + field[(j + 1) * GRID + i + 1] * fx;
        return top * (1 - fy) + bottom * fy;
    }
}
