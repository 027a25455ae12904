package dev.engram.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import dev.engram.onnx.graph.NewValues;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.proto.Replacement;
import dev.engram.onnx.operator.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what a block learnt back into an ONNX file: the graph of the file that the block came
 * from, with the trained values in place of the old ones and all other bytes as they were.
 *
 * <p>Before any file is replaced the new one runs in ONNX Runtime on sample inputs; if its answers
 * differ from the block's, nothing is replaced. NaN counts as a difference, except where the file
 * that the block came from gives NaN for the same sample. A process that dies meanwhile leaves the
 * old file or the new one, and perhaps a hidden folder {@code .NAME.engram-…} beside it, which the
 * next write to the same target removes; two writers at a time do not disturb each other, and the
 * last one's file stays.
 *
 * <p>A model whose tensors lie in files beside it consists of several files, each of which is
 * replaced so, one after the other, the model last. Over its own source, only those of them change
 * in which a tensor did; in another folder they end with the last byte that the model uses.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxWriter {

    private final OnnxBlock block;
    private final List<NDList> samples;
    private final double tolerance;

    OnnxWriter(OnnxBlock block, List<NDList> samples, double tolerance) {
        this.block = block;
        this.samples = List.copyOf(samples);
        this.tolerance = tolerance;
    }

    /** Returns a builder. */
    public static OnnxWriterBuilder builder() {
        return new OnnxWriterBuilder();
    }

    /**
     * Writes the model; the target may be the file that the block came from. Where it is a link,
     * the file that it leads to is written.
     *
     * @throws OnnxException if ONNX Runtime's answers differ, naming the outputs and by how much;
     *     if a value is NaN or infinite; if the block's model was closed, or a trainer on another
     *     device than the model's is still open, which alone has the trained values; if the block's
     *     file is gone, or the target would share its external data. Nothing was written then
     * @throws IOException if a file cannot be written; the target is then as it was
     */
    public void write(Path target) throws IOException {
        block.requireTrainedHere();
        Map<String, byte[]> values = values(target);
        Path real = Replacement.real(target);
        try (Staging staging = Staging.beside(real)) {
            List<Path> files = new NewValues(block.file(), values).write(staging.folder(), real);
            Path written = staging.folder().resolve(real.getFileName());
            new Agreement(block, samples, tolerance).require(written, target);
            staging.replace(files);
        }
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
                broken.add("%s (%d of %d)".formatted(name, wrong, array.size()));
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
}
