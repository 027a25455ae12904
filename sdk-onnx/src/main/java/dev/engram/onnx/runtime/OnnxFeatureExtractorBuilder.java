package dev.engram.onnx.runtime;

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

/** Opens an {@link OnnxFeatureExtractor}. Not safe for concurrent use. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxFeatureExtractorBuilder {

    private final List<String> outputs = new ArrayList<>();
    private @Nullable Path model;
    private long batchSize = Long.MAX_VALUE;
    private int threads;

    OnnxFeatureExtractorBuilder() {}

    /** Sets the model file. */
    public OnnxFeatureExtractorBuilder setModel(Path file) {
        this.model = file;
        return this;
    }

    /**
     * Adds an output: one of the model's, or any value inside it, such as the features before its
     * head; what no output needs is not computed. Without any, the outputs are the model's.
     */
    public OnnxFeatureExtractorBuilder addOutput(String value) {
        outputs.add(value);
        return this;
    }

    /**
     * Sets how many rows run at once at most, which bounds the memory of inner values; by default
     * all. The first axis of all inputs and outputs must be the batch, and each row must be
     * computed by itself. A model that mixes rows (a mean over the batch) is refused at the first
     * cut, where fractions come out otherwise for half a batch; that costs one more batch, once.
     */
    public OnnxFeatureExtractorBuilder optBatchSize(int rows) {
        if (rows < 1) {
            throw new EngramException("A batch has at least one row; seen: " + rows);
        }
        this.batchSize = rows;
        return this;
    }

    /** Sets how many threads one operator may use; by default ONNX Runtime chooses. */
    public OnnxFeatureExtractorBuilder optThreads(int number) {
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
