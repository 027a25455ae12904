package dev.engram.benchmark.base;

import dev.engram.scenarios.images.Images;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Makes other images of images. */
final class Parts {

    private Parts() {}

    /** Returns those of the classes from one to another, the latter not included. */
    static Images only(Images images, int from, int to) {
        int[] labels = images.labels();
        int[] chosen =
                IntStream.range(0, images.count())
                        .filter(i -> labels[i] >= from && labels[i] < to)
                        .toArray();
        return images.select(chosen, Arrays.stream(chosen).map(i -> labels[i]).toArray());
    }

    /** Returns them with rows for columns, black for white, and each class named three further. */
    static Images turned(Images images) {
        int side = images.width();
        int[] order = new int[side * side];
        for (int i = 0; i < order.length; i++) {
            order[i] = i % side * side + i / side;
        }
        int classes = images.classes();
        int[] labels = Arrays.stream(images.labels()).map(l -> (l + 3) % classes).toArray();
        Images turned = images.permute(order, labels);
        float[] pixels = turned.pixels();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 1 - pixels[i];
        }
        return turned;
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
