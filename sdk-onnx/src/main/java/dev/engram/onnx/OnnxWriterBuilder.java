package dev.engram.onnx;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds an {@link OnnxWriter}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxWriterBuilder {

    private static final double DEFAULT_TOLERANCE = 1e-5;

    private @Nullable OnnxBlock block;
    private final List<NDList> samples = new ArrayList<>();
    private double tolerance = DEFAULT_TOLERANCE;

    OnnxWriterBuilder() {}

    /** Sets the block that learnt. */
    public OnnxWriterBuilder setBlock(OnnxBlock trained) {
        block = trained;
        return this;
    }

    /**
     * Adds inputs on which the written file must give the block's outputs; real ones find more than
     * zeros do. At least one is needed, and none may have only empty outputs.
     */
    public OnnxWriterBuilder addSample(NDList inputs) {
        samples.add(inputs);
        return this;
    }

    /**
     * Sets by how much an output may differ, relative to its largest value or to one; 1e-5 unless
     * set.
     */
    public OnnxWriterBuilder optTolerance(double relative) {
        tolerance = relative;
        return this;
    }

    /**
     * Builds the writer.
     *
     * @throws OnnxException if the block or a sample is missing
     */
    public OnnxWriter build() {
        OnnxBlock trained = block;
        if (trained == null || samples.isEmpty()) {
            throw new OnnxException(
                    "An OnnxWriter needs the block (setBlock) and at least one sample of its inputs"
                            + " (addSample), on which the file is checked");
        }
        return new OnnxWriter(trained, samples, tolerance);
    }
}
