package dev.engram.prompttuning.internal.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.kit.compose.ForwardOnlyBlock;
import dev.engram.kit.compose.FrontPositions;
import org.jspecify.annotations.Nullable;

/** Puts a prompt in front of what it gets. */
public final class Prepended extends ForwardOnlyBlock {

    private final String path;
    private final Prompt prompt;

    /**
     * @param path of the child that gives the embeddings, for messages
     */
    public Prepended(String path, Prompt prompt) {
        this.path = path;
        this.prompt = prompt;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray embeddings = inputs.head();
        if (embeddings.getShape().dimension() != 3) {
            throw new EngramException(
                    "No prompt can be put in front of the output of \"%s\", which has shape %s: name a child with \"after\" that gives (batch, sequence, width)"
                            .formatted(path, embeddings.getShape()));
        }
        NDArray visible = FrontPositions.visible(inputs);
        return FrontPositions.put(prompt.vectors(store, embeddings, visible, training), inputs);
    }
}
