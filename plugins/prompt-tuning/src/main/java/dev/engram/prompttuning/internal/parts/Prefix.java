package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.kit.compose.KeyValuePrefix;
import dev.engram.kit.overlay.PassValues;

/** Trained keys and values of one attention layer (Li &amp; Liang 2021). */
public record Prefix(Vectors keys, Vectors values) implements KeyValuePrefix, Part {

    @Override
    public NDList keysAndValues(ParameterStore store, NDArray input, boolean training) {
        PassValues pass = new PassValues(store, input.getManager(), input.getDevice(), training);
        long batch = input.getShape().get(0);
        return new NDList(keys.in(pass, batch), values.in(pass, batch));
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = new PairList<>();
        for (Pair<String, Parameter> own : keys.parameters()) {
            all.add("keys_" + own.getKey(), own.getValue());
        }
        for (Pair<String, Parameter> own : values.parameters()) {
            all.add("values_" + own.getKey(), own.getValue());
        }
        return all;
    }
}
