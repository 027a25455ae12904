package dev.engram.onnx.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.program.Changes;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Whether a prompt does anything to the outputs of a graph. */
record PromptEffect(TrainedGraph model, PromptPlace place, SequenceProbe probe) {

    /** What adding and hiding by large numbers leaves is below that, of the largest element. */
    private static final float LEAST = 1e-5f;

    /** Of a vector that draws attention, and does not reach what masks hide by, 1e4 and more. */
    private static final float LONG = 8;

    /**
     * Tries two prompts.
     *
     * <p>In front of them the masks are zero, on them one. If one means seen, the prompt is all
     * that is seen, and it changes the outputs; if one means hidden, it changes none.
     *
     * @param positions how many there are in a prompt
     * @throws OnnxException if no output follows the prompt
     */
    void require(long positions) {
        try (NDManager own = probe.manager()) {
            NDList inputs = probe.inputs(length(positions), 0, own);
            NDList one = outputs(inputs, new Wave(positions, 1, 1));
            boolean canTell = one.stream().anyMatch(PromptEffect::isFloating);
            // Attention that is sure of itself may see nothing but long vectors.
            boolean isSeen =
                    differ(one, outputs(inputs, new Wave(positions, 2, 1)))
                            || differ(one, outputs(inputs, new Wave(positions, 2, LONG)));
            if (canTell && !isSeen) {
                throw PromptPlace.none(
                        model,
                        "no output changes with what the prompt holds: either no layer mixes"
                            + " positions, or its mask hides what is 1 there; a mask must be 1 for"
                            + " what is seen");
            }
        }
    }

    private static boolean isFloating(NDArray output) {
        return output.getDataType().isFloating() && output.size() > 0;
    }

    private static boolean differ(NDList one, NDList other) {
        return IntStream.range(0, one.size())
                .filter(i -> isFloating(one.get(i)))
                .anyMatch(i -> differ(one.get(i), other.get(i)));
    }

    /**
     * A length that leaves room, where there is any; else what refuses it says how much there is.
     */
    private long length(long positions) {
        long fixed = PromptPlace.length(place.words().input());
        long rows = place.table().map(table -> table.dims()[0]).orElse(Long.MAX_VALUE);
        long room =
                (fixed >= 0 ? fixed : Math.min(rows, place.before() + 5 + positions)) - positions;
        return Math.max(place.before() + 1, room);
    }

    private NDList outputs(NDList inputs, EmbeddingPrefix prefix) {
        ParameterStore store = new ParameterStore(inputs.getManager(), false);
        return new PromptedRun(model, place, prefix).forward(store, inputs, false, Changes.NONE);
    }

    /** What sees nothing but the prompt may be no number where it stands behind others: no sign. */
    private static boolean differ(NDArray one, NDArray other) {
        float change = one.sub(other).abs().max().toType(DataType.FLOAT32, false).getFloat();
        float size = one.abs().max().toType(DataType.FLOAT32, false).getFloat();
        return !(change <= LEAST * size);
    }

    /** Vectors that are nobody's, and not alike along any axis. */
    private record Wave(long positions, float step, float size) implements EmbeddingPrefix {

        @Override
        public NDArray vectors(
                ParameterStore store,
                NDArray embeddings,
                @Nullable NDArray visible,
                boolean training) {
            Shape shape = embeddings.getShape();
            NDArray wave =
                    embeddings
                            .getManager()
                            .arange((float) (positions * shape.get(2)))
                            .mul(step)
                            .sin()
                            .mul(size)
                            .toType(embeddings.getDataType(), false);
            return wave.reshape(1, positions, shape.get(2)).repeat(0, shape.get(0));
        }
    }
}
