package dev.engram.djl.internal.isolation;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.isolation.ForwardPass;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the user's block and sends forward passes to a task; in all else it is that block.
 */
public final class IsolatedBlock implements Block {

    private final Block base;
    private final Function<ForwardPass, NDList> route;
    private final @Nullable Supplier<PairList<String, Parameter>> listed;

    /**
     * Creates one that serves.
     *
     * @param route computes the outputs of a pass
     */
    public IsolatedBlock(Block base, Function<ForwardPass, NDList> route) {
        this(base, route, null);
    }

    private IsolatedBlock(
            Block base,
            Function<ForwardPass, NDList> route,
            @Nullable Supplier<PairList<String, Parameter>> listed) {
        this.base = base;
        this.route = route;
        this.listed = listed;
    }

    /**
     * Returns one that trains.
     *
     * @param route computes the outputs of a pass
     * @param listed parameters that {@link #getParameters} adds to the base's: DJL's trainer wants
     *     to see one with a gradient before its first step
     */
    public static IsolatedBlock training(
            Block base,
            Function<ForwardPass, NDList> route,
            Supplier<PairList<String, Parameter>> listed) {
        return new IsolatedBlock(base, route, listed);
    }

    /** Returns whether a task trains behind it. */
    public boolean trains() {
        return listed != null;
    }

    /** Returns the user's block. */
    public Block base() {
        return base;
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return route.apply(new Pass(store, inputs, null, training, params));
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList data,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        return route.apply(new Pass(store, data, labels, true, params));
    }

    @Override
    public ParameterList getParameters() {
        ParameterList parameters = base.getParameters();
        if (listed != null) {
            for (Pair<String, Parameter> own : listed.get()) {
                parameters.add(own);
            }
        }
        return parameters;
    }

    @Override
    public void setInitializer(Initializer initializer, Parameter.Type type) {
        base.setInitializer(initializer, type);
    }

    @Override
    public void setInitializer(Initializer initializer, String name) {
        base.setInitializer(initializer, name);
    }

    @Override
    public void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {
        base.setInitializer(initializer, predicate);
    }

    @Override
    public void initialize(NDManager manager, DataType type, Shape... shapes) {
        base.initialize(manager, type, shapes);
    }

    @Override
    public boolean isInitialized() {
        return base.isInitialized();
    }

    @Override
    public void cast(DataType type) {
        base.cast(type);
    }

    @Override
    public void clear() {
        base.clear();
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return base.describeInput();
    }

    @Override
    public BlockList getChildren() {
        return base.getChildren();
    }

    @Override
    public ParameterList getDirectParameters() {
        return base.getDirectParameters();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
        return base.getOutputShapes(shapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes, DataType[] types) {
        return base.getOutputShapes(shapes, types);
    }

    @Override
    public Shape[] getInputShapes() {
        return base.getInputShapes();
    }

    @Override
    public DataType[] getOutputDataTypes() {
        return base.getOutputDataTypes();
    }

    @Override
    public void saveParameters(DataOutputStream out) throws IOException {
        base.saveParameters(out);
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream in)
            throws IOException, MalformedModelException {
        base.loadParameters(manager, in);
    }

    @Override
    public Map<String, String> getCustomMetadata() {
        return base.getCustomMetadata();
    }

    private record Pass(
            ParameterStore store,
            NDList inputs,
            @Nullable NDList labels,
            boolean training,
            @Nullable PairList<String, Object> params)
            implements ForwardPass {

        @Override
        public NDList through(Block block, ParameterStore asked, NDList data) {
            return labels == null
                    ? block.forward(asked, data, training, params)
                    : block.forward(asked, data, labels, params);
        }
    }
}
