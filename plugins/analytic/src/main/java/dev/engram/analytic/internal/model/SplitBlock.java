package dev.engram.analytic.internal.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
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
import ai.djl.util.PairList;
import dev.engram.kit.evaluation.EvaluationBlocks;
import dev.engram.kit.evaluation.TwinnedBlock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the user's block while a trainer lives: runs its base in evaluation mode, also in
 * training passes, and shows what the head is given. In all else it is that block.
 */
public final class SplitBlock implements TwinnedBlock {

    private final Block block;
    private final ModelSplit split;
    private final Consumer<NDArray> witness;
    private final boolean holdsTorchScript;

    /**
     * Creates it.
     *
     * @param block the user's
     * @param witness told the features of each training pass
     */
    public SplitBlock(Block block, ModelSplit split, Consumer<NDArray> witness) {
        this.block = block;
        this.split = split;
        this.witness = witness;
        this.holdsTorchScript = EvaluationBlocks.holdsTorchScript(block);
    }

    @Override
    public Block base() {
        return block;
    }

    @Override
    public Block running(UnaryOperator<Block> twin) {
        return twin.apply(block);
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        NDArray features = split.features(store, inputs);
        if (training && holdsTorchScript) {
            // What TorchScript gives in evaluation mode cannot be part of autograd's graph.
            features = features.duplicate();
        }
        if (training) {
            witness.accept(features);
        }
        return split.outputs(store, features, training);
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList data,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        return forward(store, data, true, params);
    }

    @Override
    public void setInitializer(Initializer initializer, Parameter.Type type) {
        block.setInitializer(initializer, type);
    }

    @Override
    public void setInitializer(Initializer initializer, String name) {
        block.setInitializer(initializer, name);
    }

    @Override
    public void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {
        block.setInitializer(initializer, predicate);
    }

    @Override
    public void initialize(NDManager manager, DataType type, Shape... shapes) {
        block.initialize(manager, type, shapes);
    }

    @Override
    public boolean isInitialized() {
        return block.isInitialized();
    }

    @Override
    public void cast(DataType type) {
        block.cast(type);
    }

    @Override
    public void clear() {
        block.clear();
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return block.describeInput();
    }

    @Override
    public BlockList getChildren() {
        return block.getChildren();
    }

    @Override
    public ParameterList getDirectParameters() {
        return block.getDirectParameters();
    }

    @Override
    public ParameterList getParameters() {
        return block.getParameters();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
        return block.getOutputShapes(shapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes, DataType[] types) {
        return block.getOutputShapes(shapes, types);
    }

    @Override
    public Shape[] getInputShapes() {
        return block.getInputShapes();
    }

    @Override
    public DataType[] getOutputDataTypes() {
        return block.getOutputDataTypes();
    }

    @Override
    public void saveParameters(DataOutputStream out) throws IOException {
        block.saveParameters(out);
    }

    @Override
    public void loadParameters(NDManager manager, DataInputStream in)
            throws IOException, MalformedModelException {
        block.loadParameters(manager, in);
    }

    @Override
    public Map<String, String> getCustomMetadata() {
        return block.getCustomMetadata();
    }
}
