package dev.engram.onnx.internal.operator;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.onnx.internal.array.Tensors;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.model.TensorFiles;
import dev.engram.onnx.internal.program.Interpreter;
import dev.engram.onnx.internal.program.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** One of ONNX's node tests: a model, its inputs and the outputs it must give. */
final class NodeTest {

    private final Path folder;

    NodeTest(Path folder) {
        this.folder = folder;
    }

    /** Runs every data set twice, so that what the first run remembered is used as well. */
    void run() throws Exception {
        OnnxModel model = OnnxModel.read(folder.resolve("model.onnx"));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter interpreter =
                        new Interpreter(model, Set.of(), StandardOperators.TABLE, manager)) {
            for (int set = 0; Files.exists(folder.resolve("test_data_set_" + set)); set++) {
                Path data = folder.resolve("test_data_set_" + set);
                NDList inputs = tensors(data, "input_", manager);
                NDList expected = tensors(data, "output_", manager);
                for (int round = 0; round < 2; round++) {
                    compare(interpreter.run(inputs, Map.of(), false), expected);
                }
            }
        }
    }

    private static NDList tensors(Path data, String prefix, NDManager manager) throws Exception {
        NDList arrays = new NDList();
        for (int i = 0; Files.exists(data.resolve(prefix + i + ".pb")); i++) {
            arrays.add(Tensors.array(TensorFiles.read(data.resolve(prefix + i + ".pb")), manager));
        }
        return arrays;
    }

    private static void compare(NDList seen, NDList expected) {
        if (seen.size() != expected.size()) {
            throw new AssertionError(seen.size() + " outputs instead of " + expected.size());
        }
        for (int i = 0; i < seen.size(); i++) {
            compare(seen.get(i), expected.get(i), "output " + i);
        }
    }

    private static void compare(NDArray seen, NDArray expected, String where) {
        if (!seen.getShape().equals(expected.getShape())
                || seen.getDataType() != expected.getDataType()) {
            throw new AssertionError(
                    where
                            + " is "
                            + seen.getShape()
                            + ":"
                            + seen.getDataType()
                            + " instead of "
                            + expected.getShape()
                            + ":"
                            + expected.getDataType());
        }
        boolean half = expected.getDataType() == DataType.FLOAT16;
        double[] a = Value.ofBatch(seen).doubles();
        double[] b = Value.ofBatch(expected).doubles();
        for (int i = 0; i < a.length; i++) {
            double bound = (half ? 1e-3 : 1e-5) + (half ? 1e-2 : 1e-3) * Math.abs(b[i]);
            boolean same = Double.compare(a[i], b[i]) == 0 || Math.abs(a[i] - b[i]) <= bound;
            if (!same) {
                throw new AssertionError(
                        where + " is " + a[i] + " instead of " + b[i] + " at " + i);
            }
        }
    }
}
