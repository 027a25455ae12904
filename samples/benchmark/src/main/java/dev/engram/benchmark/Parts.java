package dev.engram.benchmark;

import dev.engram.scenarios.Images;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Makes other images of images. */
final class Parts {

    private Parts() {}

    /** Returns those from one number to another, the latter not included. */
    static Images of(Images images, int from, int to) {
        int each = images.features();
        return new Images(
                Arrays.copyOfRange(images.pixels(), from * each, to * each),
                Arrays.copyOfRange(images.labels(), from, to),
                images.width(),
                images.height());
    }

    /** Returns those of the classes from one to another, the latter not included. */
    static Images only(Images images, int from, int to) {
        int[] chosen =
                IntStream.range(0, images.count())
                        .filter(i -> images.labels()[i] >= from && images.labels()[i] < to)
                        .toArray();
        int each = images.features();
        float[] pixels = new float[chosen.length * each];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(images.pixels(), chosen[i] * each, pixels, i * each, each);
        }
        int[] labels = Arrays.stream(chosen).map(i -> images.labels()[i]).toArray();
        return new Images(pixels, labels, images.width(), images.height());
    }

    /** Returns them with their pixels in another order. */
    static Images permuted(Images images, int[] order) {
        float[] moved = new float[images.pixels().length];
        for (int i = 0; i < moved.length; i++) {
            int place = i % order.length;
            moved[i] = images.pixels()[i - place + order[place]];
        }
        return new Images(moved, images.labels(), images.width(), images.height());
    }

    /** Returns them with rows for columns, black for white, and each class named three further. */
    static Images turned(Images images) {
        int side = images.width();
        int[] order = new int[side * side];
        for (int i = 0; i < order.length; i++) {
            order[i] = i % side * side + i / side;
        }
        Images turned = permuted(images, order);
        float[] pixels = turned.pixels();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 1 - pixels[i];
        }
        int classes = images.classes();
        int[] labels = Arrays.stream(images.labels()).map(l -> (l + 3) % classes).toArray();
        return new Images(pixels, labels, side, side);
    }

    /** Returns them in the middle of larger ones that are black around them. */
    static Images framed(Images images, int side) {
        int edge = (side - images.width()) / 2;
        float[] pixels = new float[images.count() * side * side];
        for (int i = 0; i < images.pixels().length; i++) {
            int image = i / images.features();
            int row = i % images.features() / images.width();
            int column = i % images.width();
            pixels[(image * side + row + edge) * side + column + edge] = images.pixels()[i];
        }
        return new Images(pixels, images.labels(), side, side);
    }
}
