package dev.engram.onnx;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.LayeredBlock;
import dev.engram.onnx.graph.Graph;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxModel;
import dev.engram.onnx.graph.Tensor;
import dev.engram.onnx.internal.structure.BlockStructure;
import dev.engram.onnx.internal.structure.LayerUses;
import dev.engram.onnx.internal.weights.Relocation;
import dev.engram.onnx.internal.weights.TrainedCopies;
import dev.engram.onnx.internal.write.InputCheck;
import dev.engram.onnx.operator.Changes;
import dev.engram.onnx.operator.Interpreter;
import dev.engram.onnx.operator.TensorLoader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * node's output, where its place says that it is a weight (of a product or a convolution); in a
 * file that keeps all its weights in Constant nodes, as every initialiser would be. What lies
 * inside a branch or a loop does not train. Inputs and outputs come in the order of the file; see
 * {@link #inputs()} and {@link #outputs()}. Dropout drops only in training, in each Dropout node of
 * the file.
 *
 * <p>A file that was exported for batches of one size takes batches of every size: they are cut
 * into such, the last one filled up, and the outputs joined. Refused are files whose outputs have
 * no axis for the samples, or whose samples see each other.
 *
 * <p><b>Where its arrays are.</b> They are read on the host and belong to the block until {@code
 * initialize}, which every trainer calls with the model's manager, gives them to that and moves
 * them to its device: a model on a GPU trains them in place, and closing the model closes them. The
 * constants of the graph stay on the host, with one copy on each device that a batch came from, and
 * are closed with the model, too. Once that is closed, forward passes and {@link OnnxWriter} refuse
 * to work with a block that has no values any more: write first. If the trainer has other devices
 * than the model, DJL trains copies there and puts the values back in {@code Trainer.close()};
 * until then {@link OnnxWriter} refuses to write. Of several devices the first must be the model's:
 * otherwise DJL 0.36 trains a second copy on the model's device and never puts it back. No GPU was
 * there when this was written: moving was run between managers of the host alone.
 *
 * <p>A model that was never trained or initialised does not close its block: DJL's {@code
 * Model.close()} closes what belongs to the model's manager, and asks no block. Such a block, and
 * one that no model has, is closed by {@link #clear()}.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxBlock extends AbstractBlock implements LayeredBlock {

    private static final byte VERSION = 1;

    private final Path file;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final Map<String, Initializer> initializers;
    private final Map<String, String> frozen;
    private final LayerUses layers;
    private final FixedBatch batch;
    private final TrainedCopies copies = new TrainedCopies();
    private final NDManager manager;
    private final Relocation relocation;
    private final Interpreter interpreter;

    OnnxBlock(OnnxModel model, Map<String, Initializer> trained, Map<String, String> left) {
        super(VERSION);
        this.file = model.file();
        this.inputs = model.graph().inputs();
        this.outputs = model.graph().outputs();
        this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(trained));
        this.frozen = Collections.unmodifiableMap(new LinkedHashMap<>(left));
        this.layers = new LayerUses(model.graph().outline());
        this.batch = new FixedBatch(file, inputs, outputs);
        // DJL takes a block without them for one that was not initialised.
        inputShapes = inputs.stream().map(InputCheck::shape).toArray(Shape[]::new);
        this.manager = RequiredEngine.get("PyTorch").newBaseManager(Device.cpu());
        this.relocation = new Relocation(manager);
        this.interpreter = loaded(model);
    }

    private Interpreter loaded(OnnxModel model) {
        try {
            Interpreter loaded = new Interpreter(model, initializers.keySet(), manager);
            TensorLoader loader = new TensorLoader(manager);
            for (Tensor tensor : model.graph().initializers().values()) {
                Initializer own = initializers.get(tensor.name());
                if (own != null) {
                    addParameter(own.parameter(loader.load(tensor)));
                }
            }
            return loaded;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns a builder. */
    public static OnnxBlockBuilder builder() {
        return new OnnxBlockBuilder();
    }

    /** Returns the file that it was read from. */
    public Path file() {
        return file;
    }

    /** Returns what the file says of its inputs, in the order that {@code forward} takes. */
    public List<GraphValue> inputs() {
        return inputs;
    }

    /** Returns what the file says of its outputs, in the order that {@code forward} gives. */
    public List<GraphValue> outputs() {
        return outputs;
    }

    /** Returns the initialisers that are parameters, by name, in the order of the file. */
    public Map<String, Initializer> trained() {
        return initializers;
    }

    /**
     * Returns the tensors that stay as they are though they have the looks of weights, by name,
     * each with the reason: floating ones of two axes or more, and single slopes of a PRelu, whose
     * place in the graph tells neither that they learn nor that they are constants. A warning names
     * them when the block is built; {@link OnnxBlockBuilder#optTrainable} decides otherwise.
     */
    public Map<String, String> frozen() {
        return frozen;
    }

    @Override
    public Optional<LayerUse> layerOf(String parameter) {
        return initializers.containsKey(parameter) ? layers.of(parameter) : Optional.empty();
    }

    @Override
    public Optional<String> tokenEmbeddings() {
        return structure().tokenEmbeddings();
    }

    @Override
    public Set<String> queriesAndValues() {
        return structure().queriesAndValues();
    }

    @Override
    public Set<String> tokenHeads() {
        return structure().tokenHeads();
    }

    private BlockStructure structure() {
        return new BlockStructure(graph(), initializers.keySet());
    }

    Graph graph() {
        return layers.graph();
    }

    LayerUses layers() {
        return layers;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList given,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return batch.run(given, training, (in, learns) -> run(store, in, learns, Changes.NONE));
    }

    /** Returns what cuts batches to the size that the file fixes, if it does. */
    FixedBatch batch() {
        return batch;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The arrays have the file's values already: they go to the manager and its device, and are
     * closed with it. The shapes and the type change nothing.
     */
    @Override
    public void initialize(NDManager to, DataType type, Shape... shapes) {
        relocation.move(parameters.values(), to);
        super.initialize(to, type, shapes);
    }

    /** Refuses parameters whose values are gone, or not the trained ones. */
    void requireTrainedHere() {
        Relocation.requireOpen(parameters.values(), file);
        copies.requirePutBack(parameters);
    }

    NDList run(ParameterStore store, NDList given, boolean training, Changes changes) {
        Relocation.requireOpen(parameters.values(), file);
        NDList fitting = new InputCheck(file, inputs).fit(given);
        Device device = given.head().getDevice();
        Map<String, NDArray> values = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> own : parameters.entrySet()) {
            values.put(own.getKey(), store.getValue(own.getValue(), device, training));
        }
        if (training) {
            copies.see(store, parameters, values);
        }
        return interpreter.run(fitting, values, changes, training);
    }

    /** Finds the shapes by running the graph on zeros. */
    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
        Relocation.requireOpen(parameters.values(), file);
        Device device = parameters.values().iterator().next().getArray().getDevice();
        try (NDManager own = manager.newSubManager(device)) {
            NDList zeros = new InputCheck(file, inputs).zeros(shapes, own);
            return forward(new ParameterStore(own, false), zeros, false).getShapes();
        }
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return InputCheck.described(inputs);
    }

    /** Closes the parameters and all constants; the block cannot be used any more. */
    @Override
    public void clear() {
        super.clear();
        relocation.leave();
        interpreter.close();
        manager.close();
    }

    @Override
    public String toString() {
        return "OnnxBlock(%s, trains %s)".formatted(file.getFileName(), parameters.keySet());
    }
}
