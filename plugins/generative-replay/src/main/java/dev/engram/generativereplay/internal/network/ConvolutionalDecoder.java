package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.SplittableRandom;

/**
 * A layer of hidden units, a small image of many channels, and two times twice its rows and columns
 * with a convolution behind.
 *
 * @param image shape of an input: channels, rows, columns
 * @param hidden how many units, which are gated
 * @param channels before the last convolution; the small image has twice as many
 * @param latent numbers of a code
 */
public record ConvolutionalDecoder(Shape image, int hidden, int channels, int latent)
        implements Decoder {

    private static final int KERNEL = 3;
    private static final int SHRINKS = 4;
    private static final Layer HIDDEN = new Layer("decoder-hidden");
    private static final Layer MAP = new Layer("decoder-map");
    private static final Convolution COARSE = new Convolution("decoder-coarse", KERNEL, 1);
    private static final Convolution FINE = new Convolution("decoder-fine", KERNEL, 1);

    @Override
    public void begin(LearntValues values, SplittableRandom random) {
        int flat = Math.toIntExact(2L * channels * small(1) * small(2));
        HIDDEN.begin(values, latent, hidden, random);
        MAP.begin(values, hidden, flat, random);
        COARSE.begin(values, 2 * channels, channels, 1, random);
        FINE.begin(values, channels, Math.toIntExact(image.get(0)), LAST, random);
    }

    @Override
    public NDArray of(NDArray codes, NDArray gates, LearntValues values) {
        NDArray seen = Activation.relu(HIDDEN.of(codes, values)).mul(gates);
        NDArray map = Activation.relu(MAP.of(seen, values));
        NDArray small = map.reshape(-1, 2L * channels, small(1), small(2));
        NDArray coarse = Activation.relu(COARSE.of(Convolution.doubled(small), values));
        return FINE.of(Convolution.doubled(coarse), values)
                .get(":,:,0:{},0:{}", image.get(1), image.get(2))
                .reshape(-1, image.size());
    }

    @Override
    public int gated() {
        return hidden;
    }

    /** Returns how long a side is of which the whole image can be made. */
    private long small(int side) {
        return (image.get(side) + SHRINKS - 1) / SHRINKS;
    }
}
