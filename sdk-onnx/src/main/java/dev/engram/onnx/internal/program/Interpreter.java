package dev.engram.onnx.internal.program;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.OnnxModel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs an ONNX graph over DJL arrays, inside or outside autograd.
 *
 * <p>What follows from the file alone is computed once, at the beginning; what follows from the
 * shapes of the inputs is computed once for each combination of shapes. Both happen on the host, so
 * a batch waits for the device only where the graph makes a shape depend on values.
 */
public final class Interpreter implements AutoCloseable {

    /** Combinations of input shapes that are remembered; a text model meets some dozens. */
    private static final int MOST_PLANS = 64;

    private final List<GraphValue> inputs;
    private final List<GraphValue> outputs;
    private final CompiledGraph graph;
    private final Program program;
    private final Map<List<Shape>, Plan> plans = new ConcurrentHashMap<>();

    /**
     * Creates the interpreter.
     *
     * @param model the model
     * @param fed the initialisers that each run is given, in place of the file's values
     * @param operators what nodes compute
     * @param parent the manager under which constants live, on the host
     * @throws OnnxException if the graph has operators that are not supported: all are named
     */
    public Interpreter(
            OnnxModel model, Set<String> fed, OperatorTable operators, NDManager parent) {
        inputs = model.graph().inputs();
        outputs = model.graph().outputs();
        graph = CompiledGraph.of(model, fed, operators, parent);
        program = graph.program();
    }

    /** Runs the graph with nothing added. */
    public NDList run(NDList inputs, Map<String, NDArray> fed, boolean training) {
        return run(inputs, fed, Changes.NONE, training);
    }

    /**
     * Runs the graph.
     *
     * @param inputs the inputs, in the order of the graph
     * @param fed the initialisers that were announced
     * @param changes what is computed otherwise than the file says
     * @param training whether dropout drops
     * @return the outputs in order; they belong to the manager of the first input
     */
    public NDList run(NDList inputs, Map<String, NDArray> fed, Changes changes, boolean training) {
        requireInputs(inputs);
        try {
            return runChecked(inputs, fed, changes, training);
        } catch (OnnxException e) {
            throw graph.inFile(e);
        }
    }

    private NDList runChecked(
            NDList inputs, Map<String, NDArray> fed, Changes changes, boolean training) {
        NDManager owner = inputs.isEmpty() ? graph.keeper() : inputs.head().getManager();
        Device device = inputs.isEmpty() ? owner.getDevice() : inputs.head().getDevice();
        // An array may be attached to a manager of another device, which makes new arrays there.
        try (NDManager there = owner.newSubManager(device)) {
            return run(inputs, fed, Pass.of(program, changes, there, training), owner);
        }
    }

    private NDList run(NDList inputs, Map<String, NDArray> fed, Pass pass, NDManager owner) {
        List<Shape> key = List.of(inputs.getShapes());
        @Nullable Plan plan = plans.get(key);
        @Nullable Value[] frame = plan == null ? graph.constants() : plan.frame();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            feed(frame, inputs, fed);
            if (plan != null) {
                runBatch(frame, pass);
                return outputs(frame, inputs, fed, owner);
            }
            return learn(key, frame, pass, () -> outputs(frame, inputs, fed, owner));
        }
    }

    private void feed(@Nullable Value[] frame, NDList inputs, Map<String, NDArray> fed) {
        for (int i = 0; i < inputs.size(); i++) {
            frame[program.slot(this.inputs.get(i).name())] = Value.ofBatch(inputs.get(i));
        }
        fed.forEach((name, array) -> frame[program.slot(name)] = Value.ofBatch(array));
    }

    private void runBatch(@Nullable Value[] frame, Pass pass) {
        for (Step step : program.steps()) {
            if (step.knowledge() == Knowledge.BATCH) {
                pass.run(step, frame);
            }
        }
    }

    /** Runs a first batch of such shapes; beyond the most plans, what it finds out is dropped. */
    private NDList learn(
            List<Shape> key, @Nullable Value[] frame, Pass pass, Supplier<NDList> outputs) {
        NDManager own = graph.keeper().newSubManager();
        boolean remembered = false;
        try {
            @Nullable Value[] values = runAll(frame, own, pass);
            NDList results = outputs.get();
            remembered =
                    plans.size() < MOST_PLANS && plans.putIfAbsent(key, new Plan(values)) == null;
            return results;
        } finally {
            if (!remembered) {
                own.close();
            }
        }
    }

    private @Nullable Value[] runAll(@Nullable Value[] frame, NDManager own, Pass pass) {
        @Nullable Value[] values = graph.constants();
        for (Step step : program.steps()) {
            if (step.knowledge() == Knowledge.SHAPES) {
                Program.know(step, frame, own);
                copy(step, frame, values);
            } else if (step.knowledge() == Knowledge.BATCH) {
                pass.run(step, frame);
            }
        }
        return values;
    }

    private static void copy(Step step, @Nullable Value[] from, @Nullable Value[] to) {
        for (int slot : step.outputs()) {
            if (slot >= 0) {
                to[slot] = from[slot];
            }
        }
    }

    /** Handles of its own for the caller: closing them must not close an input or a constant. */
    private NDList outputs(
            @Nullable Value[] frame, NDList inputs, Map<String, NDArray> fed, NDManager owner) {
        Device device = inputs.isEmpty() ? owner.getDevice() : inputs.head().getDevice();
        NDList outputs = new NDList();
        for (Value value : program.outputs(frame)) {
            NDArray array = value.on(device);
            boolean given = Plan.isAmong(inputs, array) || Plan.isAmong(fed.values(), array);
            boolean taken = given || value.isKnown() || Plan.isAmong(outputs, array);
            outputs.add(taken ? array.reshape(array.getShape()) : array);
        }
        NDScope.unregister(outputs);
        outputs.attach(owner);
        int place = 0;
        for (NDArray output : outputs) {
            output.setName(this.outputs.get(place++).name());
        }
        return outputs;
    }

    private void requireInputs(NDList given) {
        if (given.size() != inputs.size()) {
            throw new OnnxException(
                    "The model takes %s in this order, and got %s"
                            .formatted(inputs, List.of(given.getShapes())));
        }
    }

    @Override
    public void close() {
        graph.close();
    }
}
