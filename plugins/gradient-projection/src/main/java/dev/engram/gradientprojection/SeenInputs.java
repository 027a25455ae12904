package dev.engram.gradientprojection;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import dev.engram.gradientprojection.internal.energy.RowPieces;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.ForwardOnlyBlock;
import dev.engram.kit.compose.Insertion;
import dev.engram.kit.compose.LinearUpdate;
import dev.engram.kit.compose.ModelComposer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a model on a task's samples and looks at what its layers are fed, wherever its structure
 * shows them: linear layers in blocks that {@link ModelComposer} knows, products of an ONNX graph,
 * convolutions.
 */
final class SeenInputs implements Insertion {

    private static final Logger LOG = LoggerFactory.getLogger(SeenInputs.class);
    private static final int SAMPLES_A_PASS = 32;

    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<Parameter, String> names = new LinkedHashMap<>();
    private final ModelLayers model;
    private final FoundInputs found;

    private SeenInputs(
            Block block, Map<String, NDArray> values, ModelLayers model, FoundInputs found) {
        values.forEach((name, value) -> shapes.put(name, value.getShape()));
        block.getParameters().forEach(one -> names.putIfAbsent(one.getValue(), one.getKey()));
        this.model = model;
        this.found = found;
    }

    /** Adds what a task's samples feed into the layers that can be seen. */
    static void look(Block block, FinishedTask task, ModelLayers model, FoundInputs found) {
        Map<String, NDArray> values = task.model().values(task.scratch());
        SeenInputs seen = new SeenInputs(block, values, model, found);
        try {
            Block composed = ModelComposer.of(new PatchComposer(seen)).compose(block, seen).block();
            if (composed != block) {
                seen.run(composed, task, byParameter(block, values));
            }
        } catch (EngramException e) {
            LOG.info("What the layers are fed is told from gradients: {}", e.getMessage());
        }
    }

    private static Map<Parameter, NDArray> byParameter(Block block, Map<String, NDArray> values) {
        Map<Parameter, NDArray> found = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            NDArray value = values.get(entry.getKey());
            if (value != null) {
                found.putIfAbsent(entry.getValue(), value);
            }
        }
        return found;
    }

    private void run(Block composed, FinishedTask task, Map<Parameter, NDArray> values) {
        for (SampleBatch batch : task.samples(SAMPLES_A_PASS)) {
            try (NDManager work = batch.manager().newSubManager()) {
                NDList given = new NDList();
                for (NDArray input : batch.data()) {
                    NDArray handle = input.stopGradient();
                    handle.setName(input.getName());
                    handle.attach(work);
                    given.add(handle);
                }
                composed.forward(new LiveStore(work, values), given, false);
            }
        }
    }

    @Override
    public Optional<Block> linear(String path, Linear original) {
        Layer layer = layer(path, original);
        return Optional.of(new Watched(original, input -> see(layer, input)));
    }

    @Override
    public Optional<LinearUpdate> linearUpdate(String weight, boolean isOutputFirst) {
        Layer named = model.layer(weight);
        String bias = named.isOutputFirst() == isOutputFirst ? named.bias() : null;
        Layer layer = new Layer(weight, bias, isOutputFirst);
        return Optional.of(
                (input, store, training) -> {
                    see(layer, input);
                    return nothing(input, weight, isOutputFirst);
                });
    }

    private NDArray nothing(NDArray input, String weight, boolean isOutputFirst) {
        Shape shape = shapes.getOrDefault(weight, new Shape(1, 1));
        Shape given = input.getShape();
        Shape product = given.slice(0, given.dimension() - 1).add(shape.get(isOutputFirst ? 0 : 1));
        // One number that stands for all: of a vocabulary the product is large.
        NDArray zero = input.getManager().zeros(new Shape(1), input.getDataType());
        NDArray all = zero.broadcast(product);
        all.attach(input.getManager());
        return all;
    }

    /** Returns a layer with the parameters of a block, by the first of their names. */
    Layer layer(String path, Block block) {
        String bias =
                block.getDirectParameters().contains("bias") ? name(path, block, "bias") : null;
        return new Layer(name(path, block, "weight"), bias, true);
    }

    private String name(String path, Block block, String parameter) {
        return names.getOrDefault(
                block.getDirectParameters().get(parameter), Composition.join(path, parameter));
    }

    private void see(Layer layer, NDArray input) {
        NDManager work = input.getManager();
        NDArray rows = input.reshape(-1, input.getShape().get(input.getShape().dimension() - 1));
        rows.attach(work);
        add(layer, rows);
    }

    /** Adds rows, without the constant of a bias. */
    void add(Layer layer, NDArray rows) {
        RowPieces.each(rows, (some, work) -> found.add(layer, layer.withConstant(some, work)));
    }

    /** Answers with the values that train. */
    static final class LiveStore extends ParameterStore {

        private final Map<Parameter, NDArray> values;

        LiveStore(NDManager manager, Map<Parameter, NDArray> values) {
            super(manager, false);
            this.values = values;
        }

        @Override
        public NDArray getValue(@Nullable Parameter parameter, Device device, boolean training) {
            NDArray value = parameter == null ? null : values.get(parameter);
            return value == null ? super.getValue(parameter, device, training) : value;
        }
    }

    /** Who is shown the inputs of a layer. */
    interface Witness {

        void see(NDArray input);
    }

    /** A layer that shows what it is fed. */
    static final class Watched extends ForwardOnlyBlock {

        private final Block original;
        private final Witness witness;

        Watched(Block original, Witness witness) {
            this.original = original;
            this.witness = witness;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store,
                NDList inputs,
                boolean training,
                @Nullable PairList<String, Object> params) {
            witness.see(inputs.head());
            return original.forward(store, inputs, training);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return original.getOutputShapes(inputs);
        }
    }
}
