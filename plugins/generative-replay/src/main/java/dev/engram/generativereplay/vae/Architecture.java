package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.generativereplay.internal.network.ConvolutionalDecoder;
import dev.engram.generativereplay.internal.network.ConvolutionalEncoder;
import dev.engram.generativereplay.internal.network.Decoder;
import dev.engram.generativereplay.internal.network.DenseDecoder;
import dev.engram.generativereplay.internal.network.DenseEncoder;
import dev.engram.generativereplay.internal.network.Encoder;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.Seeds;
import dev.engram.kit.autograd.EngineMemory;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a decoder is like.
 *
 * @param isConvolutional whether inputs are images of channels, rows and columns
 * @param hidden units of a hidden layer
 * @param depth hidden layers of a dense one
 * @param channels of the first convolution of an encoder, and before the last of a decoder
 * @param latent numbers of a code
 * @param closed which share of the decoder's hidden units is closed for a class
 * @param seed of which units these are
 */
record Architecture(
        boolean isConvolutional,
        int hidden,
        int depth,
        int channels,
        int latent,
        double closed,
        long seed) {

    private static final int IMAGE = 3;

    /** Two convolutions of stride 2 leave nothing of less. */
    private static final int LEAST_SIDE = 4;

    /** Returns whether samples that one makes are those that the other would make. */
    boolean isLike(Architecture other) {
        return seeded(0).equals(other.seeded(0));
    }

    private Architecture seeded(long other) {
        return new Architecture(isConvolutional, hidden, depth, channels, latent, closed, other);
    }

    /** Returns it as a text. */
    String written() {
        return Stream.of(isConvolutional, hidden, depth, channels, latent, closed, seed)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }

    /** Returns what {@link #written} wrote. */
    static Architecture read(String text) {
        Iterator<String> words = Arrays.asList(text.split(" ", -1)).iterator();
        return new Architecture(
                Boolean.parseBoolean(words.next()),
                Integer.parseInt(words.next()),
                Integer.parseInt(words.next()),
                Integer.parseInt(words.next()),
                Integer.parseInt(words.next()),
                Double.parseDouble(words.next()),
                Long.parseLong(words.next()));
    }

    Encoder encoder(Form form) {
        return isConvolutional
                ? new ConvolutionalEncoder(image(form), hidden, channels)
                : new DenseEncoder(Math.toIntExact(form.width()), hidden, depth);
    }

    Decoder decoder(Form form) {
        return isConvolutional
                ? new ConvolutionalDecoder(image(form), hidden, channels, latent)
                : new DenseDecoder(latent, hidden, depth, Math.toIntExact(form.width()));
    }

    private static Shape image(Form form) {
        Shape image = form.input();
        if (image.dimension() != IMAGE || Math.min(image.get(1), image.get(2)) < LEAST_SIDE) {
            throw new EngramException(
                    "A convolutional vae makes images of channels, rows and columns of at least %d, but inputs have the shape %s: set layers = dense"
                            .formatted(LEAST_SIDE, image));
        }
        return image;
    }

    /**
     * Returns of each class a row of ones, and zeros for the units that are closed for it: the same
     * ones in each process.
     */
    NDArray gates(List<ClassOfTask> classes, int units, NDManager owner) {
        float[] open = new float[classes.size() * units];
        for (int of = 0; of < classes.size(); of++) {
            SplittableRandom random = Seeds.of(seed, classes.get(of));
            for (int unit = 0; unit < units; unit++) {
                open[of * units + unit] = random.nextDouble() < closed ? 0 : 1;
            }
        }
        try (NDArray gates = owner.create(open, new Shape(classes.size(), units))) {
            return EngineMemory.copy(gates, owner);
        }
    }
}
