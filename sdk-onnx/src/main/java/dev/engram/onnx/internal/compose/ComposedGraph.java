package dev.engram.onnx.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.kit.compose.ForwardOnlyBlock;
import dev.engram.kit.compose.LinearUpdate;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.program.Changes;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A graph with something put inside. */
final class ComposedGraph extends ForwardOnlyBlock {

    private final TrainedGraph model;
    private final Map<String, LinearUpdate> updates = new LinkedHashMap<>();
    private final Map<String, List<Block>> inserted = new LinkedHashMap<>();
    private @Nullable PromptedRun prompted;

    ComposedGraph(TrainedGraph model) {
        this.model = model;
    }

    void update(String weight, LinearUpdate update) {
        updates.put(weight, update);
    }

    void insert(String value, Block applied) {
        inserted.computeIfAbsent(value, any -> new ArrayList<>()).add(applied);
    }

    void prompt(PromptPlace place, EmbeddingPrefix prefix) {
        SequenceProbe probe = new SequenceProbe(model, place.words().input(), place.roles());
        new PromptEffect(model, place, probe).require(prefix.positions());
        prompted = new PromptedRun(model, place, prefix);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return model.batch().run(inputs, training, (piece, learns) -> run(store, piece, learns));
    }

    private NDList run(ParameterStore store, NDList inputs, boolean training) {
        Changes changes = changes(store, training);
        return prompted == null
                ? model.run(store, inputs, training, changes)
                : prompted.forward(store, inputs, training, changes);
    }

    private Changes changes(ParameterStore store, boolean training) {
        Map<String, UnaryOperator<NDArray>> added = new HashMap<>();
        updates.forEach((weight, update) -> added.put(weight, x -> update.of(x, store, training)));
        Map<String, UnaryOperator<NDArray>> replaced = new HashMap<>();
        inserted.forEach(
                (value, blocks) ->
                        replaced.put(value, x -> applied(blocks, value, x, store, training)));
        return Changes.of(added, replaced);
    }

    private static NDArray applied(
            List<Block> blocks, String value, NDArray x, ParameterStore store, boolean training) {
        NDList current = new NDList(x);
        for (Block applied : blocks) {
            current = applied.forward(store, current, training);
        }
        NDArray result = current.singletonOrThrow();
        if (!result.getShape().equals(x.getShape())) {
            throw new OnnxException(
                    "What was put after \"%s\" made %s of %s; it must keep the shape"
                            .formatted(value, result.getShape(), x.getShape()));
        }
        return result;
    }
}
