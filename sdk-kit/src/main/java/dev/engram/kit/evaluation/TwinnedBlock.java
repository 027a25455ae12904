package dev.engram.kit.evaluation;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import dev.engram.api.Stable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A block that stands before another one and lets twins run in its place. In all but its forward
 * passes it is that block.
 */
@Stable(since = "0.1", implementedBy = "the runtime")
public interface TwinnedBlock extends Block {

    /** Returns the block behind this one. */
    Block base();

    /**
     * Returns a block with the same outputs, for which twins run instead of the blocks behind it.
     *
     * @param twin gives that of a block
     */
    Block running(UnaryOperator<Block> twin);

    @Override
    default void setInitializer(Initializer initializer, Parameter.Type type) {
        base().setInitializer(initializer, type);
    }

    @Override
    default void setInitializer(Initializer initializer, String name) {
        base().setInitializer(initializer, name);
    }

    @Override
    default void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {
        base().setInitializer(initializer, predicate);
    }

    @Override
    default void initialize(NDManager manager, DataType type, Shape... shapes) {
        base().initialize(manager, type, shapes);
    }

    @Override
    default boolean isInitialized() {
        return base().isInitialized();
    }

    @Override
    default void cast(DataType type) {
        base().cast(type);
    }

    @Override
    default void clear() {
        base().clear();
    }

    @Override
    default PairList<String, Shape> describeInput() {
        return base().describeInput();
    }

    @Override
    default BlockList getChildren() {
        return base().getChildren();
    }

    @Override
    default ParameterList getDirectParameters() {
        return base().getDirectParameters();
    }

    @Override
    default ParameterList getParameters() {
        return base().getParameters();
    }

    @Override
    default Shape[] getOutputShapes(Shape[] shapes) {
        return base().getOutputShapes(shapes);
    }

    @Override
    default Shape[] getOutputShapes(Shape[] shapes, DataType[] types) {
        return base().getOutputShapes(shapes, types);
    }

    @Override
    default Shape[] getInputShapes() {
        return base().getInputShapes();
    }

    @Override
    default DataType[] getOutputDataTypes() {
        return base().getOutputDataTypes();
    }

    @Override
    default void saveParameters(DataOutputStream out) throws IOException {
        base().saveParameters(out);
    }

    @Override
    default void loadParameters(NDManager manager, DataInputStream in)
            throws IOException, MalformedModelException {
        base().loadParameters(manager, in);
    }

    @Override
    default Map<String, String> getCustomMetadata() {
        return base().getCustomMetadata();
    }
}
