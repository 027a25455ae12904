package dev.engram.onnx.internal.program;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.TensorLoader;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.model.Tensor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph ready to run: the steps that wait for a batch, and the values that follow from the file
 * alone, computed once, on the host.
 */
final class CompiledGraph implements AutoCloseable {

    private final String file;
    private final Program program;
    private final NDManager keeper;
    private final @Nullable Value[] constants;

    private CompiledGraph(
            String file, Program program, NDManager keeper, @Nullable Value[] constants) {
        this.file = file;
        this.program = program;
        this.keeper = keeper;
        this.constants = constants;
    }

    /**
     * Compiles a graph and folds what the file alone tells.
     *
     * @param fed the initialisers that each run is given, in place of the file's values
     * @param parent the manager under which constants live
     * @throws OnnxException if the graph has operators that are not in the table: all are named
     */
    static CompiledGraph of(
            OnnxModel model, Set<String> fed, OperatorTable operators, NDManager parent) {
        operators.requireAll(model.graph(), model.opset(), model.file());
        Program whole = compiled(model, fed, operators);
        NDManager keeper = parent.newSubManager(Device.cpu());
        String file = model.file().toString();
        try {
            @Nullable Value[] constants = constants(whole, model.graph(), fed, keeper);
            // What is folded goes, and with it the file's bytes that its nodes point to.
            return new CompiledGraph(file, whole.withoutKnown(), keeper, constants);
        } catch (RuntimeException e) {
            keeper.close();
            throw e instanceof OnnxException refused ? inFile(file, refused) : e;
        }
    }

    private static Program compiled(OnnxModel model, Set<String> fed, OperatorTable operators) {
        Graph graph = model.graph();
        Compiler compiler = new Compiler(operators, model.opset());
        graph.inputs().forEach(in -> compiler.declare(in.name(), Knowledge.BATCH, true));
        for (String name : graph.initializers().keySet()) {
            boolean own = !fed.contains(name);
            compiler.declare(name, own ? Knowledge.FILE : Knowledge.BATCH, true);
        }
        return compiler.addAll(graph.nodes()).program(graph.outputs());
    }

    private static @Nullable Value[] constants(
            Program whole, Graph graph, Set<String> fed, NDManager keeper) {
        @Nullable Value[] frame = whole.frame();
        TensorLoader loader = new TensorLoader(keeper);
        for (Tensor tensor : graph.initializers().values()) {
            if (!fed.contains(tensor.name())) {
                frame[whole.slot(tensor.name())] = Value.known(loader.load(tensor));
            }
        }
        fold(whole, frame, keeper);
        return frame;
    }

    private static void fold(Program whole, @Nullable Value[] frame, NDManager keeper) {
        long elements = Bounds.elements(frame);
        long budget = Bounds.MOST + Bounds.FOLDED * elements;
        for (Step step : whole.steps()) {
            LoopLimit.requireEnd(step, frame);
            if (step.knowledge() == Knowledge.FILE) {
                Program.know(step, frame, keeper);
                budget -= Bounds.elements(step, frame);
                Bounds.requireLeft(budget, step);
            }
        }
    }

    /** Returns the steps that are left. */
    Program program() {
        return program;
    }

    /** Returns a frame with the values that are known already. */
    @Nullable Value[] constants() {
        return constants.clone();
    }

    /** Returns the manager of those values. */
    NDManager keeper() {
        return keeper;
    }

    /** Names the file in an error that does not yet. */
    OnnxException inFile(OnnxException e) {
        return inFile(file, e);
    }

    private static OnnxException inFile(String file, OnnxException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains(file) ? e : new OnnxException(file + ": " + message, e);
    }

    @Override
    public void close() {
        keeper.close();
    }
}
