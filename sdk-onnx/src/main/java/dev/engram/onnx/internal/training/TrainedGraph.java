package dev.engram.onnx.internal.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.engram.kit.autograd.RequiredEngine;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.internal.array.TensorLoader;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.model.Tensor;
import dev.engram.onnx.internal.operator.StandardOperators;
import dev.engram.onnx.internal.program.Changes;
import dev.engram.onnx.internal.program.Interpreter;
import dev.engram.onnx.internal.structure.LayerUses;
import dev.engram.onnx.internal.weights.Relocation;
import dev.engram.onnx.internal.weights.TrainedCopies;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A graph whose weights are parameters: it runs with the values that a store answers for them, and
 * follows them to the manager and the device that they are given to.
 */
public final class TrainedGraph implements AutoCloseable {

    private final Path file;
    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final LayerUses layers;
    private final FixedBatch batch;
    private final Map<String, Parameter> parameters;
    private final TrainedCopies copies = new TrainedCopies();
    private final NDManager manager;
    private final Relocation relocation;
    private final Interpreter interpreter;

    /**
     * Creates it.
     *
     * @param trained the names of the initialisers that are parameters
     * @param parameters those, as their block has them; they may come later, by {@link #load}
     */
    public TrainedGraph(OnnxModel model, Set<String> trained, Map<String, Parameter> parameters) {
        this.file = model.file();
        this.inputs = model.graph().inputs();
        this.outputs = model.graph().outputs();
        this.layers = new LayerUses(model.graph().outline());
        this.batch = new FixedBatch(file, inputs, outputs);
        this.parameters = parameters;
        this.manager = RequiredEngine.get("PyTorch").newBaseManager(Device.cpu());
        this.relocation = new Relocation(manager);
        this.interpreter = interpreter(model, trained);
    }

    private Interpreter interpreter(OnnxModel model, Set<String> trained) {
        try {
            return new Interpreter(model, trained, StandardOperators.TABLE, manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Hands over the file's values of what trains, by name, in the order of the file. */
    public void load(OnnxModel model, Set<String> trained, BiConsumer<String, NDArray> taker) {
        try {
            TensorLoader loader = new TensorLoader(manager);
            for (Tensor tensor : model.graph().initializers().values()) {
                if (trained.contains(tensor.name())) {
                    taker.accept(tensor.name(), loader.load(tensor));
                }
            }
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns the file that it was read from. */
    public Path file() {
        return file;
    }

    /** Returns the graph, without the values of its tensors. */
    public Graph outline() {
        return layers.graph();
    }

    /** Returns the inputs in the order in which a batch has them. */
    public List<GraphValue> inputs() {
        return inputs;
    }

    /** Returns the outputs in order. */
    public List<GraphValue> outputs() {
        return outputs;
    }

    /** Returns which parameters are the weights of which layers. */
    public LayerUses layers() {
        return layers;
    }

    /** Returns what cuts batches to the size that the file fixes, if it does. */
    public FixedBatch batch() {
        return batch;
    }

    /** Returns the parameters by name. */
    public Map<String, Parameter> parameters() {
        return parameters;
    }

    /** Runs a batch of any size. */
    public NDList forward(ParameterStore store, NDList given, boolean training) {
        return batch.run(given, training, (in, learns) -> run(store, in, learns, Changes.NONE));
    }

    /** Runs a batch of the size that the file takes. */
    public NDList run(ParameterStore store, NDList given, boolean training, Changes changes) {
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

    /** Finds the shapes of the outputs by running the graph on zeros. */
    public Shape[] outputShapes(Shape[] shapes) {
        Relocation.requireOpen(parameters.values(), file);
        Device device = parameters.values().iterator().next().getArray().getDevice();
        try (NDManager own = manager.newSubManager(device)) {
            NDList zeros = new InputCheck(file, inputs).zeros(shapes, own);
            return forward(new ParameterStore(own, false), zeros, false).getShapes();
        }
    }

    /** Gives the parameters to a manager and its device, with which they are closed. */
    public void moveTo(NDManager to) {
        relocation.move(parameters.values(), to);
    }

    /** Refuses parameters whose values are gone, or not the trained ones. */
    public void requireTrainedHere() {
        Relocation.requireOpen(parameters.values(), file);
        copies.requirePutBack(parameters);
    }

    /** Closes the constants; the parameters are closed with their block. */
    @Override
    public void close() {
        relocation.leave();
        interpreter.close();
        manager.close();
    }
}
