package dev.engram.onnx.internal.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.program.Interpreter;
import dev.engram.onnx.runtime.OnnxTaskServer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperatorsTest {

    private static final double STEP = 1e-6;

    @TempDir Path folder;

    static Stream<OperatorCase> all() {
        return OperatorCases.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void agreesWithOnnxRuntime(OperatorCase one) throws Exception {
        if (one.isAlone()) {
            return;
        }
        Path file = one.write(folder, TensorProto.DataType.FLOAT);
        OrtEnvironment environment = OnnxTaskServer.environment();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter ours = interpreter(file, manager);
                OrtSession theirs = environment.createSession(file.toString())) {
            NDList inputs = new NDList();
            Map<String, OnnxTensor> tensors = new HashMap<>();
            for (int i = 0; i < one.shapes().size(); i++) {
                NDArray array = array(one, i, manager).toType(DataType.FLOAT32, false);
                inputs.add(array);
                FloatBuffer values = FloatBuffer.wrap(array.toFloatArray());
                tensors.put(
                        "x" + i, OnnxTensor.createTensor(environment, values, one.shapes().get(i)));
            }
            try (OrtSession.Result result = theirs.run(tensors)) {
                FloatBuffer expected = ((OnnxTensor) result.get(0)).getFloatBuffer();
                for (int round = 0; round < 2; round++) {
                    float[] seen = ours.run(inputs, Map.of(), false).head().toFloatArray();
                    assertThat(seen).hasSize(expected.remaining());
                    for (int i = 0; i < seen.length; i++) {
                        double bound = 1e-5 * Math.max(1, Math.abs(expected.get(i)));
                        assertThat(seen[i]).isCloseTo(expected.get(i), within((float) bound));
                    }
                }
            }
        }
    }

    /** The slope along a random direction, against the difference of two values close by. */
    @ParameterizedTest
    @MethodSource("all")
    void gradientAgreesWithFiniteDifferences(OperatorCase one) throws Exception {
        if (!one.isSmooth()) {
            return;
        }
        Path file = one.write(folder, TensorProto.DataType.DOUBLE);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                Interpreter interpreter = interpreter(file, manager)) {
            NDList inputs = new NDList();
            NDList directions = new NDList();
            for (int i = 0; i < one.shapes().size(); i++) {
                inputs.add(array(one, i, manager));
                directions.add(noise(one.shapes().get(i), i, manager));
            }
            double slope = slope(interpreter, inputs, directions);
            double up = value(interpreter, moved(inputs, directions, STEP)).getDouble();
            double down = value(interpreter, moved(inputs, directions, -STEP)).getDouble();
            double expected = (up - down) / (2 * STEP);
            assertThat(slope).isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
        }
    }

    private static double slope(Interpreter interpreter, NDList inputs, NDList directions) {
        inputs.forEach(input -> input.setRequiresGradient(true));
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(value(interpreter, inputs));
        }
        double slope = 0;
        for (int i = 0; i < inputs.size(); i++) {
            NDArray gradient = inputs.get(i).getGradient();
            slope += gradient.mul(directions.get(i)).sum().getDouble();
        }
        inputs.forEach(input -> input.setRequiresGradient(false));
        return slope;
    }

    /** A sum of all outputs, each value with its own weight. */
    private static NDArray value(Interpreter interpreter, NDList inputs) {
        NDArray sum = null;
        for (NDArray output : interpreter.run(inputs, Map.of(), true)) {
            if (output.getDataType().isFloating()) {
                NDArray weights = noise(output.getShape().getShape(), 99, output.getManager());
                NDArray part = output.mul(weights).sum();
                sum = sum == null ? part : sum.add(part);
            }
        }
        return sum;
    }

    private static NDList moved(NDList inputs, NDList directions, double step) {
        NDList moved = new NDList();
        for (int i = 0; i < inputs.size(); i++) {
            moved.add(inputs.get(i).add(directions.get(i).mul(step)));
        }
        return moved;
    }

    private static NDArray noise(long[] dims, int seed, NDManager manager) {
        Random random = new Random(seed);
        Shape shape = new Shape(dims);
        double[] values = random.doubles(shape.size(), -1, 1).toArray();
        return Native.doubles(manager, shape, values);
    }

    private static NDArray array(OperatorCase one, int input, NDManager manager) {
        Shape shape = new Shape(one.shapes().get(input));
        return Native.doubles(manager, shape, one.values(input));
    }

    private static Interpreter interpreter(Path file, NDManager manager) throws Exception {
        return new Interpreter(OnnxModel.read(file), Set.of(), StandardOperators.TABLE, manager);
    }
}
