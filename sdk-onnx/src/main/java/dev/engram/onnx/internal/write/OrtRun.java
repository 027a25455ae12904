package dev.engram.onnx.internal.write;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.engram.onnx.graph.GraphValue;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model file as ONNX Runtime runs it: what Engram's own answers are held against. */
public final class OrtRun implements AutoCloseable {

    private final OrtEnvironment environment = Sessions.environment();
    private final Path file;
    private final OrtSession session;

    public OrtRun(Path file) {
        this.file = file;
        session = Sessions.open(file, 0);
    }

    /** Returns the outputs as flat numbers, those that are numbers, in the order asked for. */
    public List<double[]> run(List<GraphValue> names, NDList inputs, List<GraphValue> outputs) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i).name();
                tensors.put(name, tensor(inputs.get(i), wanted(name)));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                return outputs.stream()
                        .map(output -> result.get(output.name()).orElseThrow())
                        .map(value -> numbers((OnnxTensor) value))
                        .toList();
            }
        } catch (OrtException e) {
            throw new OnnxException(file + " does not run in ONNX Runtime: " + e.getMessage(), e);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxJavaType wanted(String input) throws OrtException {
        NodeInfo node = Objects.requireNonNull(session.getInputInfo().get(input), input);
        return ((TensorInfo) node.getInfo()).type;
    }

    /** The block computes in float32 what the file has in float16. */
    private OnnxTensor tensor(NDArray array, OnnxJavaType wanted) throws OrtException {
        if (wanted == OnnxJavaType.FLOAT16 && array.getDataType() == DataType.FLOAT32) {
            try (NDArray half = array.toType(DataType.FLOAT16, true)) {
                return tensor(half);
            }
        }
        return tensor(array);
    }

    private OnnxTensor tensor(NDArray array) throws OrtException {
        byte[] bytes = array.toByteArray();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
        direct.put(bytes).flip();
        OnnxJavaType type = type(array.getDataType());
        return OnnxTensor.createTensor(environment, direct, array.getShape().getShape(), type);
    }

    private static OnnxJavaType type(DataType type) {
        return switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT64 -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOLEAN -> OnnxJavaType.BOOL;
            default -> throw new OnnxException("No ONNX type for " + type);
        };
    }

    private static double[] numbers(OnnxTensor tensor) {
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
        int count = 1;
        for (long dim : tensor.getInfo().getShape()) {
            count *= (int) dim;
        }
        double[] numbers = new double[count];
        Arrays.setAll(numbers, i -> next(bytes, tensor.getInfo().type));
        return numbers;
    }

    private static double next(ByteBuffer bytes, OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> bytes.getFloat();
            case DOUBLE -> bytes.getDouble();
            case INT64 -> bytes.getLong();
            case INT32 -> bytes.getInt();
            case FLOAT16 -> half(bytes.getShort());
            default -> bytes.get();
        };
    }

    private static double half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double size =
                exponent == 0
                        ? fraction * 0x1p-24
                        : (exponent == 0x1f
                                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                                : Math.scalb(1 + fraction * 0x1p-10, exponent - 15));
        return bits < 0 ? -size : size;
    }

    @Override
    public void close() {
        Sessions.close(session);
    }
}
