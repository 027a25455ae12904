package dev.engram.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the weights of a model open while a task trains, so that the task can be learnt though the
 * model was closed before its trainer, as some of DJL's own examples do.
 */
final class Custody implements AutoCloseable {

    private final List<Held> held = new ArrayList<>();
    private final NDManager keeper;

    /**
     * Takes over every array of a block, for a manager that the model does not close.
     *
     * @param owner of that manager
     */
    Custody(Block block, NDManager owner) {
        keeper = owner.newSubManager();
        keeper.setName("engram custody");
        for (Parameter parameter : block.getParameters().values()) {
            // Layers that share an array name it several times.
            if (parameter.isInitialized() && parameter.getArray().getManager() != keeper) {
                NDArray array = parameter.getArray();
                held.add(new Held(array, array.getManager()));
                array.attach(keeper);
            }
        }
    }

    /** Gives every array back to its owner, and closes it if the owner is closed. */
    @Override
    public void close() {
        for (Held one : held) {
            if (one.array().isReleased()) {
                continue;
            }
            if (one.owner().isOpen()) {
                one.array().attach(one.owner());
            } else {
                one.array().close();
            }
        }
        held.clear();
        keeper.close();
    }

    private record Held(NDArray array, NDManager owner) {}
}
