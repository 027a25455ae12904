package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.SplittableRandom;

/**
 * A convolution by name, of images of channels, rows and columns.
 *
 * @param name under which its values are
 * @param kernel how many rows and columns it sees
 * @param stride 2 halves rows and columns
 */
public record Convolution(String name, int kernel, int stride) {

    private static final Shape PADDING = new Shape(1, 1);
    private static final Shape DENSE = new Shape(1, 1);

    /** Draws the values that it begins with, smaller by a factor. */
    public void begin(
            LearntValues values, int in, int out, double factor, SplittableRandom random) {
        double deviation = factor * Math.sqrt(2.0 / (in * kernel * kernel));
        values.draw(name + "-weight", new Shape(out, in, kernel, kernel), deviation, random);
        values.draw(name + "-bias", new Shape(out), 0, random);
    }

    /** Returns what it makes of images. */
    public NDArray of(NDArray images, LearntValues values) {
        return Conv2d.conv2d(
                        images,
                        values.get(name + "-weight"),
                        values.get(name + "-bias"),
                        new Shape(stride, stride),
                        PADDING,
                        DENSE)
                .head();
    }

    /**
     * Returns images of twice as many rows and columns, each pixel four times. DJL's PyTorch engine
     * has no transposed convolution; this with a convolution behind it makes no checkerboards.
     */
    public static NDArray doubled(NDArray images) {
        Shape shape = images.getShape();
        long rows = shape.get(2);
        long columns = shape.get(3);
        Shape before = shape.slice(0, 2);
        return images.reshape(before.add(rows, 1, columns, 1))
                .broadcast(before.add(rows, 2, columns, 2))
                .reshape(before.add(2 * rows, 2 * columns));
    }
}
