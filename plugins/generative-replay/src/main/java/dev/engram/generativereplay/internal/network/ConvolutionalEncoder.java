package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.SplittableRandom;

/**
 * Two convolutions that halve rows and columns, and a layer of hidden units.
 *
 * @param image shape of an input: channels, rows, columns
 * @param hidden how many units
 * @param channels of the first convolution; the second has twice as many
 */
public record ConvolutionalEncoder(Shape image, int hidden, int channels) implements Encoder {

    private static final int KERNEL = 4;
    private static final Convolution FINE = new Convolution("encoder-fine", KERNEL, 2);
    private static final Convolution COARSE = new Convolution("encoder-coarse", KERNEL, 2);
    private static final Layer HIDDEN = new Layer("encoder-hidden");

    @Override
    public void begin(LearntValues values, SplittableRandom random) {
        FINE.begin(values, Math.toIntExact(image.get(0)), channels, 1, random);
        COARSE.begin(values, channels, 2 * channels, 1, random);
        HIDDEN.begin(values, flat(), hidden, random);
    }

    @Override
    public NDArray of(NDArray inputs, LearntValues values) {
        NDArray images = inputs.reshape(new Shape(-1).addAll(image));
        NDArray fine = Activation.relu(FINE.of(images, values));
        NDArray coarse = Activation.relu(COARSE.of(fine, values));
        return Activation.relu(HIDDEN.of(coarse.reshape(-1, flat()), values));
    }

    @Override
    public int width() {
        return hidden;
    }

    private int flat() {
        return Math.toIntExact(2L * channels * (image.get(1) / 2 / 2) * (image.get(2) / 2 / 2));
    }
}
