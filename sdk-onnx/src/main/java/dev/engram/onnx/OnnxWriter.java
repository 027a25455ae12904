package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.onnx.graph.ElementType;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Tensors;
import dev.engram.onnx.internal.write.Agreement;
import dev.engram.onnx.internal.write.NewValues;
import dev.engram.onnx.internal.write.NonFinite;
import dev.engram.onnx.internal.write.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a block learnt back into an ONNX file: the graph of the file that the block came
 * from, with the trained values in place of the old ones and all other bytes as they were.
 *
 * <p>Before any file is replaced the new one runs in ONNX Runtime on sample inputs; if its answers
 * differ from the block's, nothing is replaced. NaN counts as a difference, except where the file
 * that the block came from gives NaN for the same sample. Writers of one process wait for each
 * other, and the last one's model stays, whole.
 *
 * <p>A model of one file is replaced in one step: whoever reads it, a process that dies, and
 * writers of several processes find or leave the old file or a new one, never a mix. A process that
 * dies may leave a hidden folder {@code .NAME.engram-…} beside it, too, which the next write to the
 * same target removes.
 *
 * <p>A model whose tensors lie in files beside it consists of several files, each of which is
 * replaced so, one after the other, the model last. Who reads them meanwhile may see some old and
 * some new; a process that dies between two of them, and two processes that write one target at the
 * same time, may leave such a mix for good, without an error. Where that can happen, write each
 * time into a new folder and let a link lead to the last one. Over its own source, only those files
 * change in which a tensor did, for every model that shares them; in another folder they end with
 * the last byte that the model uses.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxWriter {

    private static final Logger LOG = LoggerFactory.getLogger(OnnxWriter.class);

    /** For all targets: models may share files, and {@link Staging} suffers one at a time. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final OnnxBlock block;
    private final List<NDList> samples;
    private final double tolerance;

    private OnnxWriter(OnnxBlock block, List<NDList> samples, double tolerance) {
        this.block = block;
        this.samples = List.copyOf(samples);
        this.tolerance = tolerance;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Writes the model; the target may be the file that the block came from. Where it is a link,
     * the file that it leads to is written. Another target is overwritten only if it is an ONNX
     * model; if the block's model has external data, it must lie in another folder, where files of
     * the names of that data are overwritten only if the model at the target has its tensors there,
     * as one has that was written there before.
     *
     * @throws OnnxException if ONNX Runtime's answers differ, naming the outputs and by how much;
     *     if a value is NaN or infinite; if the block's model was closed, or a trainer on another
     *     device than the model's is still open, which alone has the trained values; if the block's
     *     file is gone; if there is no folder for the target, or it or a file with external data
     *     must not be overwritten there. Nothing was written then
     * @throws IOException if a file cannot be written; a target of one file is then as it was
     */
    public void write(Path target) throws IOException {
        synchronized (ONE_AT_A_TIME) {
            writeAlone(target);
        }
    }

    private void writeAlone(Path target) throws IOException {
        block.graph().requireTrainedHere();
        Map<String, byte[]> values = values(target);
        Path real = AtomicReplacement.real(target);
        try (Staging staging = Staging.beside(real)) {
            List<Path> files = new NewValues(block.file(), values).write(staging.folder(), real);
            Path written = staging.folder().resolve(real.getFileName());
            agreement().require(written, target);
            if (files.size() == 1 && Files.mismatch(written, block.file()) < 0) {
                LOG.warn(
                        "{}: the block has the values of its file, so NOTHING that was learnt is"
                            + " written. What tasks of their own parameters learnt (lora, adapters,"
                            + " prompts) is in the listener's memory; LearntAdapter exports a task"
                            + " of lora",
                        target);
            }
            staging.replace(files);
        }
    }

    private Agreement agreement() {
        List<ElementType> types = block.trained().values().stream().map(Initializer::type).toList();
        return new Agreement(block.graph(), types, samples, tolerance);
    }

    private Map<String, byte[]> values(Path target) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        List<String> broken = new ArrayList<>();
        for (Initializer initializer : block.trained().values()) {
            String name = initializer.name();
            NDArray array = block.getParameters().get(name).getArray();
            byte[] bytes = Tensors.bytes(array, initializer.type());
            long wrong = NonFinite.count(bytes, initializer.type());
            if (wrong > 0) {
                broken.add("%s (%s of %s)".formatted(name, wrong, array.size()));
            }
            values.put(name, bytes);
        }
        requireNone(broken, target);
        return values;
    }

    private static void requireNone(List<String> broken, Path target) {
        if (!broken.isEmpty()) {
            throw new OnnxException(
                    "%s was not written: these parameters have values that are NaN or infinite: %s. The training diverged; begin again from the file, with smaller steps"
                            .formatted(target, String.join(", ", broken)));
        }
    }

    /** Builds an {@link OnnxWriter}. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public static final class Builder {

        private static final double DEFAULT_TOLERANCE = 1e-5;

        private @Nullable OnnxBlock block;
        private final List<NDList> samples = new ArrayList<>();
        private double tolerance = DEFAULT_TOLERANCE;

        private Builder() {}

        /** Sets the block that learnt. */
        public Builder setBlock(OnnxBlock trained) {
            block = trained;
            return this;
        }

        /**
         * Adds inputs on which the written file must give the block's outputs; real ones find more
         * than zeros do. At least one is needed, and none may have only empty outputs.
         */
        public Builder addSample(NDList inputs) {
            samples.add(inputs);
            return this;
        }

        /**
         * Sets by how much an output may differ, relative to its largest value or to one; 1e-5
         * unless set.
         */
        public Builder optTolerance(double relative) {
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
                        "An OnnxWriter needs the block (setBlock) and at least one sample of its"
                                + " inputs (addSample), on which the file is checked");
            }
            return new OnnxWriter(trained, samples, tolerance);
        }
    }
}
