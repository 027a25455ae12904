package dev.engram.onnx;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.engram.api.Experimental;
import dev.engram.onnx.graph.NewValues;
import dev.engram.onnx.graph.OnnxException;
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
 * differ from the block's, nothing is replaced. A process that dies meanwhile leaves the old file
 * or the new one. A model whose tensors lie in files beside it consists of several files, each of
 * which is replaced so, one after the other, the model last.
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
     * Writes the model; the target may be the file that the block came from.
     *
     * @throws OnnxException if ONNX Runtime's answers differ, naming the outputs and by how much;
     *     or if a trainer on another device than the model's is still open, which alone has the
     *     trained values
     * @throws IOException if a file cannot be written; the target is then as it was
     */
    public void write(Path target) throws IOException {
        block.requireTrainedHere();
        Path absolute = target.toAbsolutePath();
        String name = absolute.getFileName().toString();
        try (Staging staging = Staging.beside(absolute)) {
            List<Path> files = new NewValues(block.file(), values()).write(staging.folder(), name);
            check(staging.folder().resolve(name), target);
            staging.replace(files);
        }
    }

    private Map<String, byte[]> values() {
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (Pair<String, Parameter> parameter : block.getDirectParameters()) {
            String name = parameter.getKey();
            Initializer initializer = block.trained().get(name);
            if (initializer != null) {
                NDArray array = parameter.getValue().getArray();
                values.put(name, Tensors.bytes(array, initializer.type()));
            }
        }
        return values;
    }

    private void check(Path written, Path target) {
        List<String> differing = new ArrayList<>();
        try (OrtRun runtime = new OrtRun(written);
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (NDList sample : samples) {
                differing.addAll(differing(sample, runtime, manager));
            }
        }
        if (!differing.isEmpty()) {
            throw new OnnxException(
                    target
                            + " was not written: in ONNX Runtime the new file gives other outputs"
                            + " than the trained block, more than "
                            + tolerance
                            + ": "
                            + String.join(", ", differing)
                            + ". Raise the tolerance only if such a difference does not matter to"
                            + " you");
        }
    }

    private List<String> differing(NDList sample, OrtRun runtime, NDManager manager) {
        NDList inputs = new NDList();
        sample.forEach(array -> inputs.add(own(array, manager)));
        NDList fitting = new InputCheck(block.file(), block.inputs()).fit(inputs);
        NDList expected = block.forward(new ParameterStore(manager, true), fitting, false);
        List<double[]> seen = runtime.run(block.inputs(), fitting, block.outputs());
        List<String> differing = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            double by = Difference.relative(expected.get(i), seen.get(i));
            if (!(by <= tolerance)) {
                differing.add(block.outputs().get(i).name() + " by " + by);
            }
        }
        return differing;
    }

    private static NDArray own(NDArray array, NDManager manager) {
        NDArray copy = array.toDevice(Device.cpu(), true);
        copy.attach(manager);
        return copy;
    }
}
