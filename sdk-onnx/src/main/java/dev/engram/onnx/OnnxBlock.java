package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.Experimental;
import dev.engram.kit.overlay.LayerUse;
import dev.engram.kit.overlay.LayeredBlock;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.structure.BlockStructure;
import dev.engram.onnx.internal.training.InputCheck;
import dev.engram.onnx.internal.training.TrainedGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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

    private final Map<String, Initializer> initializers;
    private final Map<String, String> frozen;
    private final TrainedGraph graph;

    private OnnxBlock(OnnxModel model, TrainableTensors tensors) {
        super(VERSION);
        this.initializers = tensors.trained();
        this.frozen = tensors.frozen();
        this.graph = new TrainedGraph(model, initializers.keySet(), parameters);
        // DJL takes a block without them for one that was not initialised.
        inputShapes = graph.inputs().stream().map(InputCheck::shape).toArray(Shape[]::new);
        graph.load(model, initializers.keySet(), this::add);
    }

    private void add(String name, NDArray values) {
        Initializer own = Objects.requireNonNull(initializers.get(name));
        addParameter(own.parameter(values));
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the file that it was read from. */
    public Path file() {
        return graph.file();
    }

    /** Returns what the file says of its inputs, in the order that {@code forward} takes. */
    public List<GraphValue> inputs() {
        return graph.inputs();
    }

    /** Returns what the file says of its outputs, in the order that {@code forward} gives. */
    public List<GraphValue> outputs() {
        return graph.outputs();
    }

    /** Returns the initialisers that are parameters, by name, in the order of the file. */
    public Map<String, Initializer> trained() {
        return initializers;
    }

    /**
     * Returns the tensors that stay as they are though they have the looks of weights, by name,
     * each with the reason: floating ones of two axes or more, and single slopes of a PRelu, whose
     * place in the graph tells neither that they learn nor that they are constants. A warning names
     * them when the block is built; {@link Builder#optTrainable} decides otherwise.
     */
    public Map<String, String> frozen() {
        return frozen;
    }

    @Override
    public Optional<LayerUse> layerOf(String parameter) {
        return Optional.of(parameter).filter(initializers::containsKey).flatMap(graph.layers()::of);
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
        return new BlockStructure(graph.outline(), initializers.keySet());
    }

    TrainedGraph graph() {
        return graph;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList given,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return graph.forward(store, given, training);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The arrays have the file's values already: they go to the manager and its device, and are
     * closed with it. The shapes and the type change nothing.
     */
    @Override
    public void initialize(NDManager to, DataType type, Shape... shapes) {
        graph.moveTo(to);
        super.initialize(to, type, shapes);
    }

    /** Finds the shapes by running the graph on zeros. */
    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
        return graph.outputShapes(shapes);
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return InputCheck.described(graph.inputs());
    }

    /** Closes the parameters and all constants; the block cannot be used any more. */
    @Override
    public void clear() {
        super.clear();
        graph.close();
    }

    @Override
    public String toString() {
        return "OnnxBlock(%s, trains %s)".formatted(file().getFileName(), parameters.keySet());
    }

    /** Builds an {@link OnnxBlock}. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public static final class Builder {

        private @Nullable Path model;
        private Predicate<Initializer> trainable = initializer -> initializer.role().isTrained();
        private boolean untieAliases;

        private Builder() {}

        /** Sets the file. */
        public Builder setModel(Path file) {
            model = file;
            return this;
        }

        /**
         * Sets which floating initialisers are parameters, in place of {@link Role#isTrained}; the
         * others stay as the file has them. Tensors of more than one number in Constant nodes are
         * asked for too, under the names of the nodes' outputs.
         */
        public Builder optTrainable(Predicate<Initializer> predicate) {
            trainable = predicate;
            return this;
        }

        /**
         * Gives weights that share a tensor in the file a tensor each. PyTorch's exporter merges
         * tensors that are equal, such as the scales of norms in a fresh model; trained, they would
         * stay equal. Off unless asked for, since some models share a tensor on purpose.
         */
        public Builder optUntieAliases(boolean untie) {
            untieAliases = untie;
            return this;
        }

        /**
         * Reads the file and builds the block; warns of {@link OnnxBlock#frozen()}.
         *
         * @throws OnnxException if the file is damaged or harmful, has operators that Engram does
         *     not have (all are named), or nothing in it trains
         * @throws IOException if it cannot be read
         */
        public OnnxBlock build() throws IOException {
            Path file = model;
            if (file == null) {
                throw new OnnxException("No model is set; call setModel with the path of the file");
            }
            OnnxModel read = OnnxModel.read(file).widened();
            OnnxModel used = (untieAliases ? read.untied() : read).withConstantsNamed();
            return new OnnxBlock(used, TrainableTensors.of(used, trainable));
        }
    }
}
