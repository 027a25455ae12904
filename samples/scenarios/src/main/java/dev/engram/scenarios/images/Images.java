package dev.engram.scenarios.images;

import java.util.Arrays;

/** Grey images with a class label each. */
public final class Images {

    private static final int CORNERS = 4;

    private final float[] pixels;
    private final int[] labels;
    private final int width;
    private final int height;

    /**
     * Creates images over the given arrays, which are not copied.
     *
     * @param pixels row by row, image after image, each 0 to 1 unless standardised
     * @param labels the class of each image, from 0
     * @param width pixels of a row
     * @param height rows of an image
     */
    public Images(float[] pixels, int[] labels, int width, int height) {
        this.pixels = pixels;
        this.labels = labels;
        this.width = width;
        this.height = height;
    }

    /** Returns all pixels; must not be changed. */
    public float[] pixels() {
        return pixels;
    }

    /** Returns all labels; must not be changed. */
    public int[] labels() {
        return labels;
    }

    /** Returns the pixels of a row. */
    public int width() {
        return width;
    }

    /** Returns the rows of an image. */
    public int height() {
        return height;
    }

    /** Returns the number of images. */
    public int count() {
        return labels.length;
    }

    /** Returns the number of pixels of one image. */
    public int features() {
        return width * height;
    }

    /** Returns the number of classes: one more than the highest label. */
    public int classes() {
        int most = -1;
        for (int label : labels) {
            most = Math.max(most, label);
        }
        return most + 1;
    }

    /** Returns the images with {@code (pixel - mean) / deviation} for each pixel. */
    Images standardised(double mean, double deviation) {
        float[] moved = new float[pixels.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = (float) ((pixels[i] - mean) / deviation);
        }
        return new Images(moved, labels, width, height);
    }

    /** Returns the images from one number to another, the latter not included. */
    public Images range(int from, int to) {
        return new Images(
                Arrays.copyOfRange(pixels, from * features(), to * features()),
                Arrays.copyOfRange(labels, from, to),
                width,
                height);
    }

    /** Returns the chosen images with other labels. */
    public Images select(int[] chosen, int[] newLabels) {
        float[] picked = new float[chosen.length * features()];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(pixels, chosen[i] * features(), picked, i * features(), features());
        }
        return new Images(picked, newLabels, width, height);
    }

    /** Returns the images with their pixels in another order and other labels. */
    public Images permute(int[] order, int[] newLabels) {
        float[] permuted = new float[pixels.length];
        for (int i = 0; i < count(); i++) {
            int base = i * features();
            for (int j = 0; j < order.length; j++) {
                permuted[base + j] = pixels[base + order[j]];
            }
        }
        return new Images(permuted, newLabels, width, height);
    }

    /**
     * Returns the images turned about their middle, counter-clockwise, between pixels linearly;
     * what comes in from outside is 0.
     *
     * @param degrees how far
     */
    public Images rotate(double degrees, int[] newLabels) {
        double cos = Math.cos(Math.toRadians(degrees));
        double sin = Math.sin(Math.toRadians(degrees));
        int[] from = new int[CORNERS * features()];
        float[] shares = new float[CORNERS * features()];
        for (int to = 0; to < features(); to++) {
            double dx = to % width - (width - 1) / 2.0;
            double dy = Math.floorDiv(to, width) - (height - 1) / 2.0;
            double fromX = cos * dx - sin * dy + (width - 1) / 2.0;
            double fromY = sin * dx + cos * dy + (height - 1) / 2.0;
            between(fromX, fromY, CORNERS * to, from, shares);
        }
        return new Images(gather(from, shares), newLabels, width, height);
    }

    /** Says which four pixels make up a point, and how much of each; outside there is nothing. */
    private void between(double fromX, double fromY, int at, int[] from, float[] shares) {
        int left = (int) Math.floor(fromX);
        int top = (int) Math.floor(fromY);
        for (int corner = 0; corner < CORNERS; corner++) {
            int x = left + corner % 2;
            int y = top + corner / 2;
            if (x >= 0 && x < width && y >= 0 && y < height) {
                from[at + corner] = y * width + x;
                shares[at + corner] =
                        (float) ((1 - Math.abs(fromX - x)) * (1 - Math.abs(fromY - y)));
            }
        }
    }

    private float[] gather(int[] from, float[] shares) {
        float[] made = new float[pixels.length];
        for (int base = 0; base < pixels.length; base += features()) {
            for (int i = 0; i < from.length; i++) {
                int to = base + i / CORNERS;
                made[to] += shares[i] * pixels[base + from[i]];
            }
        }
        return made;
    }
}
