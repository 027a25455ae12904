package dev.engram.examples;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import dev.engram.scenarios.images.Images;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Grey images as DJL's data sets have them, (N, 1, height, width), with a label each, or two. */
final class Pictures {

    private final float[] pixels;
    private final int[][] labels;
    private final int height;
    private final int width;

    private Pictures(float[] pixels, int[][] labels, int height, int width) {
        this.pixels = pixels;
        this.labels = labels;
        this.height = height;
        this.width = width;
    }

    /** Takes the first so many images. */
    static Pictures of(Images images, int most) {
        int count = Math.min(most, images.count());
        int[] labels = new int[count];
        System.arraycopy(images.labels(), 0, labels, 0, count);
        float[] pixels = new float[count * images.features()];
        System.arraycopy(images.pixels(), 0, pixels, 0, pixels.length);
        return new Pictures(pixels, new int[][] {labels}, images.height(), images.width());
    }

    /** Returns the images with rows for columns. */
    Pictures transposed() {
        return moved(at -> at % height * width + at / height);
    }

    /** Returns the images upside down: turned by half a turn. */
    Pictures turned() {
        return moved(at -> height * width - 1 - at);
    }

    /** Returns the images with their pixels in another order, the same for all. */
    Pictures permuted(long seed) {
        int[] order = IntStream.range(0, height * width).toArray();
        Random random = new Random(seed);
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return moved(at -> order[at]);
    }

    /** Returns the images of two classes, which are 0 and 1 from now on. */
    Pictures only(int zero, int one) {
        int[] chosen =
                IntStream.range(0, count())
                        .filter(i -> labels[0][i] == zero || labels[0][i] == one)
                        .toArray();
        float[] picked = new float[chosen.length * height * width];
        int[] renamed = new int[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            copy(chosen[i], picked, i);
            renamed[i] = labels[0][chosen[i]] == one ? 1 : 0;
        }
        return new Pictures(picked, new int[][] {renamed}, height, width);
    }

    /** Returns pairs of successive images, one above the other, with both labels. */
    Pictures pairs() {
        int pairs = count() / 2;
        float[] joined = new float[pairs * 2 * height * width];
        System.arraycopy(pixels, 0, joined, 0, joined.length);
        int[][] both = new int[2][pairs];
        for (int i = 0; i < 2 * pairs; i++) {
            both[i % 2][i / 2] = labels[0][i];
        }
        return new Pictures(joined, both, 2 * height, width);
    }

    /** Returns a data set in the memory of the manager. */
    ArrayDataset dataset(NDManager manager, int batch) {
        ArrayDataset.Builder builder =
                new ArrayDataset.Builder()
                        .setData(manager.create(pixels, new Shape(count(), 1, height, width)))
                        .setSampling(batch, true);
        if (labels.length == 1) {
            return builder.optLabels(manager.create(labels[0])).build();
        }
        return builder.optLabels(manager.create(labels[0]), manager.create(labels[1])).build();
    }

    private int count() {
        return labels[0].length;
    }

    private Pictures moved(IntUnaryOperator from) {
        int each = height * width;
        float[] other = new float[pixels.length];
        for (int i = 0; i < other.length; i++) {
            other[i] = pixels[i / each * each + from.applyAsInt(i % each)];
        }
        return new Pictures(other, labels, height, width);
    }

    private void copy(int image, float[] to, int place) {
        int each = height * width;
        System.arraycopy(pixels, image * each, to, place * each, each);
    }
}
