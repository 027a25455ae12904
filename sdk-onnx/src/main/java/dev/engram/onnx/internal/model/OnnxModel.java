package dev.engram.onnx.internal.model;

import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An ONNX file, read and checked.
 *
 * <p>Reading refuses what is damaged or was made to do harm: names that clash, cycles, values
 * nobody computes, shapes larger than the file, graphs nested without end, tensors kept in files
 * outside the model's own folder.
 */
public final class OnnxModel {

    private final Path file;
    private final long opset;
    private final Graph graph;

    OnnxModel(Path file, long opset, Graph graph) {
        this.file = file;
        this.opset = opset;
        this.graph = graph;
    }

    /**
     * Reads a model.
     *
     * @throws OnnxException if the file is damaged or harmful, saying where and why
     * @throws IOException if it cannot be read
     */
    public static OnnxModel read(Path file) throws IOException {
        return ModelReader.read(file);
    }

    /** Returns the model in which no two weights share a tensor only because their values do. */
    public OnnxModel untied() {
        return new OnnxModel(file, opset, graph.untied());
    }

    /**
     * Returns the model in which {@link Graph#withConstantsNamed weights have names} everywhere.
     */
    public OnnxModel withConstantsNamed() {
        return new OnnxModel(file, opset, graph.withConstantsNamed());
    }

    /** Returns the model in which float32 takes the {@link Graph#widened place of float16}. */
    public OnnxModel widened() {
        return new OnnxModel(file, opset, graph.widened());
    }

    /** Returns the file that it was read from. */
    public Path file() {
        return file;
    }

    /** Returns the version of ONNX's own operators that it uses. */
    public long opset() {
        return opset;
    }

    /** Returns the graph. */
    public Graph graph() {
        return graph;
    }
}
