package dev.engram.onnx.runtime;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.List;

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

    OnnxFeatureExtractor(
            OrtSession session, List<NodeInfo> inputs, List<NodeInfo> outputs, long batchSize) {
        this.session = new OwnedSession(session, "feature extractor");
        this.inputs = inputs;
        this.outputs = outputs;
        this.batchSize = batchSize;
        this.cut = new CutCheck(outputs);
    }

    /** Starts an extractor. */
    public static OnnxFeatureExtractorBuilder builder() {
        return new OnnxFeatureExtractorBuilder();
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
}
