package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.PassValues;
import org.jspecify.annotations.Nullable;

/** The same trained vectors for every sample (Lester et al. 2021). */
public record SoftPrompt(Vectors vectors, long positions) implements Prompt {

    @Override
    public NDArray vectors(
            ParameterStore store, NDArray embeddings, @Nullable NDArray visible, boolean training) {
        PassValues pass =
                new PassValues(store, embeddings.getManager(), embeddings.getDevice(), training);
        return vectors.in(pass, embeddings.getShape().get(0));
    }

    @Override
    public PairList<String, Parameter> parameters() {
        return vectors.parameters();
    }
}
