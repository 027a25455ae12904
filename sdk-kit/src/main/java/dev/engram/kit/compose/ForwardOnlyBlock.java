package dev.engram.kit.compose;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParameterList;
import dev.engram.api.Stable;
import java.io.DataInputStream;
import java.io.DataOutputStream;

/**
 * A block that only computes: whoever made it owns, lists and saves its parameters.
 *
 * <p>Passes may run on several threads at once: an implementation keeps nothing of a pass in
 * fields. Unless told otherwise it returns as many arrays, and of the same shapes, as it gets.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public abstract class ForwardOnlyBlock extends AbstractBaseBlock {

    /** Creates the block. */
    protected ForwardOnlyBlock() {}

    /** Returns true, so that DJL never initialises what others own. */
    @Override
    public final boolean isInitialized() {
        return true;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return inputs;
    }

    @Override
    public BlockList getChildren() {
        return new BlockList();
    }

    @Override
    public ParameterList getDirectParameters() {
        return new ParameterList();
    }

    /** Refuses: the parameters are saved by their owner. */
    @Override
    public final void saveParameters(DataOutputStream out) {
        throw refusal("saved");
    }

    /** Refuses: the parameters are loaded by their owner. */
    @Override
    public final void loadParameters(NDManager manager, DataInputStream in) {
        throw refusal("loaded");
    }

    private UnsupportedOperationException refusal(String what) {
        return new UnsupportedOperationException(
                "%s serves forward passes only and cannot be %s: use the original block"
                        .formatted(getClass().getName(), what));
    }
}
