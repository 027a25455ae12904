package dev.engram.onnx;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.Experimental;
import dev.engram.djl.isolation.LayerUse;
import dev.engram.djl.isolation.LayeredBlock;
import dev.engram.djl.rewire.ProductUpdate;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.graph.OnnxModel;
import dev.engram.onnx.graph.Tensor;
import dev.engram.onnx.operator.Interpreter;
import dev.engram.onnx.operator.TensorLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file as an ordinary block that trains.
 *
 * <pre>{@code
 * OnnxBlock block = OnnxBlock.builder().setModel(Path.of("bert.onnx")).build();
 * model.setBlock(block);
 * ... // train as any DJL model, with a ForgettingListener
 * OnnxWriter.builder().setBlock(block).addSample(inputs).build().write(Path.of("bert.onnx"));
 * }</pre>
 *
 * <p>Its parameters have the names of the file's initialisers: those that the graph uses as
 * weights, biases, scales or embeddings. Masks, factors, rotary tables and the statistics of
 * BatchNorm stay as they are. A tensor in a Constant node is a parameter too, under the name of the
 * node's output, where its place says that it is a weight (of a product, a convolution, a norm); in
 * a file that keeps all its weights in Constant nodes, as every initialiser would be. Inputs and
 * outputs come in the order of the file; see {@link #inputs()} and {@link #outputs()}. Dropout
 * drops only in training, in each Dropout node of the file.
 *
 * <p>The arrays belong to the block: they are closed by {@link #clear()}, which {@code
 * Model.close()} calls.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxBlock extends AbstractBlock implements LayeredBlock {

    private static final byte VERSION = 1;

    private final Path file;
    private final boolean isUntied;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final Map<String, Initializer> initializers;
    private final LayerUses layers;
    private final NDManager manager;
    private final Interpreter interpreter;

    OnnxBlock(OnnxModel model, boolean isUntied, Set<Initializer> trained) {
        super(VERSION);
        this.file = model.file();
        this.isUntied = isUntied;
        this.inputs = model.graph().inputs();
        this.outputs = model.graph().outputs();
        this.initializers = byName(trained);
        this.layers = new LayerUses(model.graph());
        // DJL takes a block without them for one that was not initialised.
        inputShapes = inputs.stream().map(OnnxBlock::shape).toArray(Shape[]::new);
        this.manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        try {
            interpreter = new Interpreter(model, initializers.keySet(), manager);
            TensorLoader loader = new TensorLoader(manager);
            for (Tensor tensor : model.graph().initializers().values()) {
                Initializer own = initializers.get(tensor.name());
                if (own != null) {
                    addParameter(parameter(own, loader.load(tensor)));
                }
            }
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns a builder. */
    public static OnnxBlockBuilder builder() {
        return new OnnxBlockBuilder();
    }

    private static Map<String, Initializer> byName(Set<Initializer> trained) {
        Map<String, Initializer> named = new LinkedHashMap<>();
        trained.forEach(initializer -> named.put(initializer.name(), initializer));
        return Collections.unmodifiableMap(named);
    }

    private static Shape shape(GraphValue input) {
        return input.dims().map(Shape::new).orElseGet(Shape::new);
    }

    private static Parameter parameter(Initializer initializer, NDArray array) {
        Parameter.Type type =
                switch (initializer.role()) {
                    case WEIGHT, EMBEDDING -> Parameter.Type.WEIGHT;
                    case BIAS -> Parameter.Type.BIAS;
                    default -> Parameter.Type.OTHER;
                };
        Parameter parameter = Parameter.builder().setName(initializer.name()).setType(type).build();
        parameter.setArray(array);
        return parameter;
    }

    /** Returns the file that it was read from. */
    public Path file() {
        return file;
    }

    /**
     * Returns what the file says of its inputs, in the order in which {@code forward} takes them.
     */
    public List<GraphValue> inputs() {
        return inputs;
    }

    /**
     * Returns what the file says of its outputs, in the order in which {@code forward} gives them.
     */
    public List<GraphValue> outputs() {
        return outputs;
    }

    /** Returns the initialisers that are parameters, by name, in the order of the file. */
    public Map<String, Initializer> trained() {
        return initializers;
    }

    @Override
    public Optional<LayerUse> layerOf(String parameter) {
        return initializers.containsKey(parameter) ? layers.of(parameter) : Optional.empty();
    }

    /** Returns the layers of the matrices that are used in plain products only. */
    Map<String, LayerUse> products() {
        Map<String, LayerUse> products = new LinkedHashMap<>();
        for (Initializer initializer : initializers.values()) {
            if (initializer.dims().length == 2) {
                layers.product(initializer.name())
                        .ifPresent(use -> products.put(initializer.name(), use));
            }
        }
        return products;
    }

    boolean isUntied() {
        return isUntied;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList given,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return run(store, given, training, Map.of());
    }

    NDList run(
            ParameterStore store,
            NDList given,
            boolean training,
            Map<String, ProductUpdate> updates) {
        NDList fitting = new InputCheck(file, inputs).fit(given);
        Device device = given.head().getDevice();
        Map<String, NDArray> values = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> own : parameters.entrySet()) {
            values.put(own.getKey(), store.getValue(own.getValue(), device, training));
        }
        Map<String, UnaryOperator<NDArray>> added = new LinkedHashMap<>();
        updates.forEach((weight, update) -> added.put(weight, x -> update.of(x, store, training)));
        return interpreter.run(fitting, values, added, training);
    }

    /** Finds the shapes by running the graph on zeros. */
    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
        if (shapes.length != inputs.size()) {
            throw new OnnxException(
                    file + " takes " + inputs + ", not " + shapes.length + " inputs");
        }
        try (NDManager own = manager.newSubManager()) {
            NDList zeros = new NDList();
            for (int i = 0; i < shapes.length; i++) {
                zeros.add(own.zeros(shapes[i], InputCheck.type(inputs.get(i))));
            }
            return forward(new ParameterStore(own, false), zeros, false).getShapes();
        }
    }

    @Override
    public PairList<String, Shape> describeInput() {
        PairList<String, Shape> described = new PairList<>();
        for (GraphValue input : inputs) {
            described.add(input.name(), shape(input));
        }
        return described;
    }

    /** Closes the parameters and all constants; the block cannot be used any more. */
    @Override
    public void clear() {
        super.clear();
        interpreter.close();
        manager.close();
    }

    @Override
    public String toString() {
        String parameterNames = parameters.keySet().stream().collect(Collectors.joining(", "));
        return "OnnxBlock(" + file.getFileName() + ", trains " + parameterNames + ")";
    }
}
