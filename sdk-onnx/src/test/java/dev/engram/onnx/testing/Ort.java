package dev.engram.onnx.testing;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtLoraAdapter;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** ONNX Runtime without anything of Engram around it. */
public final class Ort {

    public static final OrtEnvironment ENVIRONMENT = Sessions.environment();

    private Ort() {}

    public static OrtSession session(Path model) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        return ENVIRONMENT.createSession(model.toString(), options);
    }

    public static OnnxTensor floats(float[] values, long... shape) throws OrtException {
        return OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(values), shape);
    }

    /** Returns random inputs: floats are normal, integers 0 or 1, open dimensions 2. */
    public static Map<String, OnnxTensor> inputs(OrtSession session, long seed)
            throws OrtException {
        Random random = new Random(seed);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (var entry : session.getInputInfo().entrySet()) {
            TensorInfo info = (TensorInfo) entry.getValue().getInfo();
            long[] shape = Arrays.stream(info.getShape()).map(d -> d < 0 ? 2 : d).toArray();
            inputs.put(entry.getKey(), tensor(info.type, shape, random));
        }
        return inputs;
    }

    private static OnnxTensor tensor(OnnxJavaType type, long[] shape, Random random)
            throws OrtException {
        int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        if (type == OnnxJavaType.FLOAT) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return floats(values, shape);
        }
        LongBuffer longs = LongBuffer.wrap(random.longs(size, 0, 2).toArray());
        return OnnxTensor.createTensor(ENVIRONMENT, longs, shape);
    }

    /** Runs once, with an adapter where one is given, and returns the first output. */
    public static float[] run(
            OrtSession session, Map<String, OnnxTensor> inputs, OnnxAdapter adapter)
            throws OrtException {
        if (adapter == null) {
            return first(session.run(inputs));
        }
        try (OrtLoraAdapter lora = OrtLoraAdapter.create(OnnxAdapterFile.encode(adapter));
                OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            options.addActiveLoraAdapter(lora);
            return first(session.run(inputs, options));
        }
    }

    public static float[] first(OrtSession.Result result) {
        try (result) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            return copy;
        }
    }
}
