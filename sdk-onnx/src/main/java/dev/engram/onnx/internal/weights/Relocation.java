package dev.engram.onnx.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import dev.engram.onnx.graph.OnnxException;
import java.nio.file.Path;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Where a block's arrays live: first with the block, then with the manager it is given to. */
public final class Relocation {

    private final NDManager constants;
    private @Nullable NDManager owner;

    /**
     * Creates it.
     *
     * @param constants what else is to be closed with the parameters; it stays where it is
     */
    public Relocation(NDManager constants) {
        this.constants = constants;
    }

    /**
     * Refuses parameters whose arrays are closed.
     *
     * @throws OnnxException naming the file that they came from
     */
    public static void requireOpen(Collection<Parameter> parameters, Path file) {
        for (Parameter parameter : parameters) {
            if (!parameter.isInitialized() || parameter.getArray().isReleased()) {
                throw new OnnxException(
                        "The block of %s has no values any more: the model that it was initialised with was closed, or the block cleared. Write what it learnt before; to go on, build it again"
                                .formatted(file));
            }
        }
    }

    /**
     * Gives everything to the outermost manager around one, and moves the parameters to its device.
     *
     * <p>DJL initialises a block that was not, such as one with a fresh head beside this one, in
     * the manager of the trainer; what was read from a file, and is learnt, must outlive that.
     */
    public void move(Collection<Parameter> parameters, NDManager within) {
        NDManager to = outermost(within);
        parameters.forEach(parameter -> move(parameter, to));
        if (owner != to) {
            leave();
            to.attachInternal(constants.getName(), constants);
            owner = to;
        }
    }

    private static NDManager outermost(NDManager manager) {
        NDManager parent = manager.getParentManager();
        return parent == null || parent instanceof NDManager.SystemNDManager
                ? manager
                : outermost(parent);
    }

    /** Takes the constants away from the manager that would close them. */
    public void leave() {
        if (owner != null) {
            owner.detachInternal(constants.getName());
            owner = null;
        }
    }

    private static void move(Parameter parameter, NDManager to) {
        NDArray here = parameter.getArray();
        if (here.getDevice().equals(to.getDevice())) {
            here.attach(to);
        } else {
            replace(parameter, here.toDevice(to.getDevice(), true), to);
        }
    }

    /** DJL lets an array be replaced only by closing it and initialising its parameter anew. */
    public static void replace(Parameter parameter, NDArray there, NDManager to) {
        there.attach(to);
        Initializer usual = parameter.getInitializer();
        parameter.close();
        parameter.setInitializer((manager, shape, type) -> there);
        parameter.initialize(to, there.getDataType());
        parameter.setInitializer(usual);
    }
}
