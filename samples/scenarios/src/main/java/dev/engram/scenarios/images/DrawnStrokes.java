package dev.engram.scenarios.images;

import java.util.Random;

/**
 * Draws images of strokes, 28 x 28: each bends them by a random affine map and a smooth elastic
 * field (Simard et al. 2003), draws them with a pen of random width, and adds noise.
 */
final class DrawnStrokes {

    private static final int SIDE = 28;
    private static final int GRID = 4;
    private static final double STEP = 0.02;

    private final double[][][] classes;
    private final Random random;

    private DrawnStrokes(double[][][] classes, long seed) {
        this.classes = classes;
        this.random = new Random(seed);
    }

    /**
     * Draws images, as many of each class as of the others, in turn.
     *
     * @param classes strokes of each class: points (x, y) in the unit square, y downwards
     */
    static TrainAndTest draw(double[][][] classes, int train, int test, long seed) {
        return new TrainAndTest(
                new DrawnStrokes(classes, seed).images(train),
                new DrawnStrokes(classes, ~seed).images(test));
    }

    private Images images(int count) {
        float[] pixels = new float[count * SIDE * SIDE];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % classes.length;
            image(labels[i], pixels, i * SIDE * SIDE);
        }
        return new Images(pixels, labels, SIDE, SIDE);
    }

    private void image(int shape, float[] pixels, int base) {
        double[] map = affine();
        double[][] field = field();
        double pen = 0.035 + 0.03 * random.nextDouble();
        for (double[] stroke : classes[shape]) {
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
