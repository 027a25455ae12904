package dev.engram.scenarios.images;

import java.util.Random;

/**
 * Textures that the sample draws itself, 20 x 20: data unlike digits in all but its form.
 *
 * <p>A class is one of five directions of a wave and one of two wavelengths; every image has its
 * own phase, slight turn and stretch, contrast and light from one side, and noise. No pixel is
 * empty, none says anything on its own, and a mean image of a class is grey. The same seed gives
 * the same images.
 */
public final class DrawnTextures {

    private static final int SIDE = 20;
    private static final int DIRECTIONS = 5;
    private static final double[] WAVELENGTHS = {4.5, 8};

    private final Random random;

    private DrawnTextures(long seed) {
        this.random = new Random(seed);
    }

    /** Draws images, as many of each class as of the others, in turn. */
    public static TrainAndTest draw(int train, int test, long seed) {
        return new TrainAndTest(
                new DrawnTextures(seed).images(train), new DrawnTextures(~seed).images(test));
    }

    private Images images(int count) {
        float[] pixels = new float[count * SIDE * SIDE];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % (DIRECTIONS * WAVELENGTHS.length);
            image(labels[i], pixels, i * SIDE * SIDE);
        }
        return new Images(pixels, labels, SIDE, SIDE);
    }

    private void image(int label, float[] pixels, int base) {
        double angle = Math.PI * (label % DIRECTIONS) / DIRECTIONS + around(0.1);
        double wavelength = WAVELENGTHS[label / DIRECTIONS] * (1 + around(0.1));
        double x = 2 * Math.PI * Math.cos(angle) / wavelength;
        double y = 2 * Math.PI * Math.sin(angle) / wavelength;
        double phase = 2 * Math.PI * random.nextDouble();
        double contrast = 0.15 + 0.2 * random.nextDouble();
        double right = around(0.01);
        double down = around(0.01);
        for (int i = 0; i < SIDE * SIDE; i++) {
            int column = i % SIDE;
            int row = i / SIDE;
            double light = 0.5 + right * (column - SIDE / 2) + down * (row - SIDE / 2);
            double wave = contrast * Math.sin(x * column + y * row + phase);
            pixels[base + i] = (float) (light + wave + 0.1 * random.nextGaussian());
        }
    }

    private double around(double most) {
        return most * (2 * random.nextDouble() - 1);
    }
}
