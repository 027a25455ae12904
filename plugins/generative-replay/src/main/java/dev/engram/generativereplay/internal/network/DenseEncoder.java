package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.SplittableRandom;

/**
 * Layers of units that see all units of the one before; none of them where the model's own layers
 * saw the inputs already.
 *
 * @param inputs how wide inputs are
 * @param hidden units of each layer
 * @param depth how many layers
 */
public record DenseEncoder(int inputs, int hidden, int depth) implements Encoder {

    @Override
    public void begin(LearntValues values, SplittableRandom random) {
        for (int i = 0; i < depth; i++) {
            layer(i).begin(values, i == 0 ? inputs : hidden, hidden, random);
        }
    }

    @Override
    public NDArray of(NDArray rows, LearntValues values) {
        NDArray seen = rows;
        for (int i = 0; i < depth; i++) {
            seen = Activation.relu(layer(i).of(seen, values));
        }
        return seen;
    }

    @Override
    public int width() {
        return depth == 0 ? inputs : hidden;
    }

    private static Layer layer(int number) {
        return new Layer("encoder-" + number);
    }
}
