package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs an adapter before it may serve: it must give outputs of the base's shapes, with numbers
 * wherever the base gives numbers. Owns its inputs.
 */
final class Trial implements AutoCloseable {

    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, Outcome> base;

    Trial(OrtSession session, Map<String, OnnxTensor> inputs) {
        this.session = session;
        this.inputs = inputs;
        try (OrtSession.Result result = session.run(inputs)) {
            this.base = outcomes(result);
        } catch (OrtException e) {
            close();
            throw new EngramException(
                    "The model does not run on its trial inputs (%s): give others with optTrialInputs"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    void require(TaskAdapter adapter, String task) throws OrtException {
        try (OrtSession.Result result = adapter.run(session, inputs)) {
            outcomes(result)
                    .forEach(
                            (name, seen) -> {
                                Outcome expected = base.get(name);
                                if (expected == null || !seen.isAsGoodAs(expected)) {
                                    throw new EngramException(
                                            "The adapter of task %s gives %s %s; the base gives %s"
                                                    .formatted(task, name, seen, expected));
                                }
                            });
        }
    }

    private static Map<String, Outcome> outcomes(OrtSession.Result result) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
            if (entry.getValue() instanceof OnnxTensor tensor) {
                outcomes.put(entry.getKey(), Outcome.of(tensor));
            }
        }
        return outcomes;
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
    }

    private record Outcome(Shape shape, int finite) {

        static Outcome of(OnnxTensor tensor) {
            Shape shape = new Shape(tensor.getInfo().getShape());
            if (tensor.getInfo().type != OnnxJavaType.FLOAT) {
                return new Outcome(shape, 0);
            }
            FloatBuffer values = tensor.getFloatBuffer();
            int finite = 0;
            while (values.hasRemaining()) {
                finite += Float.isFinite(values.get()) ? 1 : 0;
            }
            return new Outcome(shape, finite);
        }

        boolean isAsGoodAs(Outcome expected) {
            return shape.equals(expected.shape) && finite >= expected.finite;
        }

        @Override
        public String toString() {
            return "%s with %d finite values".formatted(shape, finite);
        }
    }
}
