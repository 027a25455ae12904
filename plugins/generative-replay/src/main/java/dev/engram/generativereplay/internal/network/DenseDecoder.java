package dev.engram.generativereplay.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.SplittableRandom;

/**
 * Layers of units that see all units of the one before.
 *
 * @param latent numbers of a code
 * @param hidden units of each hidden layer
 * @param depth how many hidden layers
 * @param outputs numbers of an input
 */
public record DenseDecoder(int latent, int hidden, int depth, int outputs) implements Decoder {

    private static final Layer OUTPUT = new Layer("decoder-output");

    @Override
    public void begin(LearntValues values, SplittableRandom random) {
        for (int i = 0; i < depth; i++) {
            layer(i).begin(values, i == 0 ? latent : hidden, hidden, random);
        }
        OUTPUT.begin(values, hidden, outputs, LAST, random);
    }

    @Override
    public NDArray of(NDArray codes, NDArray gates, LearntValues values) {
        NDArray seen = codes;
        for (int i = 0; i < depth; i++) {
            NDArray open = gates.get(":,{}:{}", i * hidden, (i + 1) * hidden);
            seen = Activation.relu(layer(i).of(seen, values)).mul(open);
        }
        return OUTPUT.of(seen, values);
    }

    @Override
    public int gated() {
        return depth * hidden;
    }

    private static Layer layer(int number) {
        return new Layer("decoder-" + number);
    }
}
