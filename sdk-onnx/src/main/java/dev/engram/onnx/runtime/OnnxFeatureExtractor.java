package dev.engram.onnx.runtime;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frozen ONNX model inside a DJL loop: a backbone whose features a head is trained on, or a
 * teacher whose outputs a student learns.
 *
 * <p>ONNX Runtime reads the inputs from PyTorch's memory and, once it knows the outputs' shapes,
 * writes them there; the arrays that come back own their memory. No gradient flows through. Safe
 * for concurrent use.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxFeatureExtractor implements AutoCloseable {

    private final OwnedSession session;
    private final List<NodeInfo> inputs;
    private final List<NodeInfo> outputs;
    private final long batchSize;
    private final OutputShapes shapes = new OutputShapes();
    private final CutCheck cut;

    private OnnxFeatureExtractor(
            OrtSession session, List<NodeInfo> inputs, List<NodeInfo> outputs, long batchSize) {
        this.session = new OwnedSession(session, "feature extractor");
        this.inputs = inputs;
        this.outputs = outputs;
        this.batchSize = batchSize;
        this.cut = new CutCheck(outputs);
    }

    /** Starts an extractor. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the names of the inputs, in the order in which arrays are given. */
    public List<String> inputNames() {
        return inputs.stream().map(NodeInfo::getName).toList();
    }

    /** Returns the names of the outputs, in the order in which arrays come back. */
    public List<String> outputNames() {
        return outputs.stream().map(NodeInfo::getName).toList();
    }

    /** Runs the model; what comes back belongs to the manager of the first array. */
    public NDList extract(NDList arrays) {
        return extract(arrays, arrays.head().getManager());
    }

    /**
     * Runs the model.
     *
     * @param arrays one for each input, in order; integers of other widths are cast, and so are
     *     floats
     * @param owner gets the outputs, which bear their names
     * @throws EngramException if the arrays do not fit or cannot be cut into batches, or the
     *     extractor is closed
     */
    public NDList extract(NDList arrays, NDManager owner) {
        if (arrays.size() != inputs.size()) {
            throw new EngramException(
                    "The model takes %d arrays %s; seen: %d"
                            .formatted(inputs.size(), inputNames(), arrays.size()));
        }
        try {
            ExtractionPass pass = new ExtractionPass(inputs, outputs, shapes, cut, owner);
            return session.use(open -> pass.run(open, arrays, batchSize));
        } catch (OrtException e) {
            throw new EngramException(
                    "ONNX Runtime cannot run the model on %s: %s".formatted(arrays, e.getMessage()),
                    e);
        }
    }

    /** Returns the shapes of the outputs for inputs of these shapes, found by a run on zeros. */
    public Shape[] outputShapes(Shape... of) {
        try {
            return session.use(open -> ShapeProbe.outputs(open, inputs, outputs, of));
        } catch (OrtException e) {
            throw new EngramException(
                    "The model does not run on zeros of %s: %s"
                            .formatted(List.of(of), e.getMessage()),
                    e);
        }
    }

    /**
     * Returns the model as a block without parameters, such as the first child of a {@code
     * SequentialBlock} whose other children are trained. Closing the extractor ends it.
     */
    public Block asBlock() {
        return new OnnxFeatureBlock(this);
    }

    /** Refuses new runs, waits for those that began, and frees the session. */
    @Override
    public void close() {
        session.close(() -> {});
    }

    /** Opens an {@link OnnxFeatureExtractor}. Not safe for concurrent use. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public static final class Builder {

        private final List<String> outputs = new ArrayList<>();
        private @Nullable Path model;
        private long batchSize = Long.MAX_VALUE;
        private int threads;

        private Builder() {}

        /** Sets the model file. */
        public Builder setModel(Path file) {
            this.model = file;
            return this;
        }

        /**
         * Adds an output: one of the model's, or any value inside it, such as the features before
         * its head; what no output needs is not computed. Without any, the outputs are the model's.
         */
        public Builder addOutput(String value) {
            outputs.add(value);
            return this;
        }

        /**
         * Sets how many rows run at once at most, which bounds the memory of inner values; by
         * default all. The first axis of all inputs and outputs must be the batch, and each row
         * must be computed by itself. A model that mixes rows (a mean over the batch) is refused at
         * the first cut, where fractions come out otherwise for half a batch; that costs one more
         * batch, once.
         */
        public Builder optBatchSize(int rows) {
            if (rows < 1) {
                throw new EngramException("A batch has at least one row; seen: " + rows);
            }
            this.batchSize = rows;
            return this;
        }

        /** Sets how many threads one operator may use; by default ONNX Runtime chooses. */
        public Builder optThreads(int number) {
            this.threads = number;
            return this;
        }

        /**
         * Opens the extractor.
         *
         * @throws EngramException if there is no such model or output, or they are no tensors
         */
        public OnnxFeatureExtractor build() {
            if (model == null) {
                throw new EngramException("No model: call setModel");
            }
            OrtSession session = session(model);
            try {
                return extractor(session);
            } catch (OrtException e) {
                Sessions.close(session);
                throw new EngramException("ONNX Runtime does not describe " + model, e);
            } catch (RuntimeException e) {
                Sessions.close(session);
                throw e;
            }
        }

        private OrtSession session(Path file) {
            return outputs.isEmpty()
                    ? Sessions.open(file, threads)
                    : Sessions.open(new Promotion(file).with(outputs), file, threads);
        }

        private OnnxFeatureExtractor extractor(OrtSession session) throws OrtException {
            return new OnnxFeatureExtractor(
                    session,
                    tensors(session.getInputInfo().values()),
                    tensors(session.getOutputInfo().values()),
                    batchSize);
        }

        private static List<NodeInfo> tensors(Collection<NodeInfo> nodes) {
            for (NodeInfo node : nodes) {
                if (!(node.getInfo() instanceof TensorInfo info)) {
                    throw new EngramException(node.getName() + " is no tensor: " + node.getInfo());
                }
                ElementTypes.of(info.type, node.getName());
            }
            return List.copyOf(nodes);
        }
    }
}
