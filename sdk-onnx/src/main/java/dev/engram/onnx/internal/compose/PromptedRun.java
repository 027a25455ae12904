package dev.engram.onnx.internal.compose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.ParameterStore;
import dev.engram.kit.compose.EmbeddingPrefix;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.program.Changes;
import dev.engram.onnx.internal.structure.SequenceInput;
import dev.engram.onnx.internal.training.InputCheck;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs a graph over sequences with a prompt: the inputs get positions for it, its vectors take the
 * place of what the graph looks up there, and those positions are cut off the outputs.
 */
record PromptedRun(TrainedGraph model, PromptPlace place, EmbeddingPrefix prefix) {

    NDList forward(ParameterStore store, NDList given, boolean training, Changes changes) {
        new InputCheck(model.file(), model.inputs()).requireCount(given);
        long length = length(given);
        requireRoom(length);
        NDManager outer = given.head().getManager();
        try (NDManager own = outer.newSubManager()) {
            Map<String, UnaryOperator<NDArray>> replaced = new HashMap<>(changes.replaced());
            @Nullable NDArray visible = of(SequenceInput.MASK, given).orElse(null);
            replaced.merge(
                    place.words().output(),
                    vectors -> prompted(vectors, store, visible, length, training),
                    PromptedRun::inTurn);
            Changes all = Changes.of(changes.added(), replaced);
            NDList outputs = model.run(store, longer(given, own), training, all);
            NDList original = original(outputs, length + prefix.positions());
            original.attach(outer);
            return original;
        }
    }

    /** The prompt comes first: what else is done to the vectors is done to its own, too. */
    private static UnaryOperator<NDArray> inTurn(
            UnaryOperator<NDArray> other, UnaryOperator<NDArray> prompt) {
        return vectors -> other.apply(prompt.apply(vectors));
    }

    private Optional<NDArray> of(SequenceInput role, NDList given) {
        List<GraphValue> inputs = model.inputs();
        for (int i = 0; i < inputs.size(); i++) {
            if (place.roles().get(inputs.get(i).name()) == role) {
                return Optional.of(given.get(i));
            }
        }
        return Optional.empty();
    }

    private long length(NDList given) {
        NDArray tokens = of(SequenceInput.TOKENS, given).orElseThrow();
        if (tokens.getShape().dimension() != 2 || tokens.getShape().get(1) <= place.before()) {
            throw new OnnxException(
                    "%s takes tokens as %s of shape (batch, sequence), with more than %d positions, and got %s"
                            .formatted(
                                    model.file(),
                                    place.words().input().name(),
                                    place.before(),
                                    tokens.getShape()));
        }
        return tokens.getShape().get(1);
    }

    private void requireRoom(long length) {
        long positions = prefix.positions();
        long fixed = PromptPlace.length(place.words().input());
        if (fixed >= 0 && fixed != length + positions) {
            throw new OnnxException(
                    "%s was exported for sequences of %d positions, and got %d of the input and %d of the prompt; give %d of the input, or export it with dynamic axes"
                            .formatted(model.file(), fixed, length, positions, fixed - positions));
        }
        place.table().ifPresent(table -> requireRows(table, length, positions));
    }

    private void requireRows(Tensor table, long length, long positions) {
        long rows = table.dims()[0];
        if (length + positions > rows) {
            throw new OnnxException(
                    "%s knows %d positions (%s), and got %d of the input and %d of the prompt; give %d of the input, or make the prompt shorter"
                            .formatted(
                                    model.file(),
                                    rows,
                                    table.name(),
                                    length,
                                    positions,
                                    rows - positions));
        }
    }

    private NDList longer(NDList given, NDManager own) {
        NDList longer = new NDList();
        for (int i = 0; i < given.size(); i++) {
            NDArray array = given.get(i);
            SequenceInput role =
                    place.roles().getOrDefault(model.inputs().get(i).name(), SequenceInput.OTHER);
            NDArray handle = array.reshape(array.getShape());
            handle.attach(own);
            longer.add(role == SequenceInput.OTHER ? handle : longer(handle, role));
        }
        return longer;
    }

    private NDArray longer(NDArray array, SequenceInput role) {
        long before = place.before();
        long positions = prefix.positions();
        NDArray first = part(array, 1, 0, 1);
        NDArray filler = role.filler(first, before, positions);
        NDArray rest = role.later(part(array, 1, before, array.getShape().get(1)), positions);
        NDArray end = filler.concat(rest, 1);
        return before == 0 ? end : part(array, 1, 0, before).concat(end, 1);
    }

    private NDArray prompted(
            NDArray looked,
            ParameterStore store,
            @Nullable NDArray visible,
            long length,
            boolean training) {
        long all = length + prefix.positions();
        if (looked.getShape().dimension() != 3 || looked.getShape().get(1) != all) {
            throw new OnnxException(
                    "%s turns tokens into vectors of shape %s; a prompt needs (batch, sequence, width) with %d positions"
                            .formatted(model.file(), looked.getShape(), all));
        }
        NDArray embeddings = without(looked, 1);
        NDArray vectors = prefix.vectors(store, embeddings, visible, training);
        long before = place.before();
        NDArray end = vectors.concat(part(embeddings, 1, before, length), 1);
        return before == 0 ? end : part(embeddings, 1, 0, before).concat(end, 1);
    }

    private NDList original(NDList outputs, long all) {
        NDList original = new NDList();
        for (int i = 0; i < outputs.size(); i++) {
            GraphValue told = model.outputs().get(i);
            NDArray array = outputs.get(i);
            for (int axis : place.axes().getOrDefault(told.name(), Set.of())) {
                array = without(requireAlong(array, axis, told, all), axis);
            }
            array.setName(told.name());
            original.add(array);
        }
        return original;
    }

    private NDArray requireAlong(NDArray output, int axis, GraphValue told, long all) {
        if (output.getShape().get(axis) != all) {
            throw new OnnxException(
                    "%s gives %s as %s; its axis %d should have %d positions, those of the prompt among them"
                            .formatted(model.file(), told.name(), output.getShape(), axis, all));
        }
        return output;
    }

    private NDArray without(NDArray array, int axis) {
        long before = place.before();
        NDArray rest = part(array, axis, before + prefix.positions(), array.getShape().get(axis));
        return before == 0 ? rest : part(array, axis, 0, before).concat(rest, axis);
    }

    private static NDArray part(NDArray array, int axis, long from, long to) {
        return array.get(new NDIndex().addAllDim(axis).addSliceDim(from, to));
    }
}
