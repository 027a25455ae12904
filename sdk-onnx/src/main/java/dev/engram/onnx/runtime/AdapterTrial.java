package dev.engram.onnx.runtime;

import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an adapter before it may serve: it must give outputs of the base's shapes, with numbers
 * wherever the base gives numbers. Owns its inputs.
 */
final class AdapterTrial implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdapterTrial.class);

    private final OrtSession session;
    private final List<Round> rounds = new ArrayList<>();

    private AdapterTrial(OrtSession session) {
        this.session = session;
    }

    /**
     * Begins with inputs on which the model runs.
     *
     * @throws EngramException if it does not; the inputs are closed then
     */
    static AdapterTrial on(OrtSession session, Map<String, OnnxTensor> inputs) {
        AdapterTrial trial = new AdapterTrial(session);
        try {
            trial.rounds.add(Round.of(session, inputs));
            return trial;
        } catch (OrtException e) {
            throw new EngramException(
                    "The model does not run on its trial inputs (%s): give others with optTrialInputs"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /**
     * Begins with inputs that are made up: decoders with a cache want lengths that belong together,
     * and the names of the axes tell some.
     */
    static AdapterTrial guessed(OrtSession session) throws OrtException {
        EngramException first = null;
        for (OpenSizes sizes : OpenSizes.values()) {
            try {
                AdapterTrial zeros = on(session, TrialInputs.zeros(session, sizes));
                zeros.tryAlso(TrialInputs.signs(session, sizes));
                return zeros;
            } catch (EngramException e) {
                first = first == null ? e : first;
            }
        }
        throw Objects.requireNonNull(first);
    }

    /** Adds inputs that were made up, if the model runs on them: it may want other numbers. */
    private void tryAlso(Map<String, OnnxTensor> inputs) {
        try {
            rounds.add(Round.of(session, inputs));
        } catch (OrtException e) {
            LOG.debug("No second trial: the model does not run on it: {}", e.getMessage());
        }
    }

    void require(TaskAdapter adapter, String task) throws OrtException {
        for (Round round : rounds) {
            try (OrtSession.Result result = adapter.run(session, round.inputs)) {
                outcomes(result).forEach((name, seen) -> round.require(name, seen, task));
            }
        }
    }

    private static Map<String, Outcome> outcomes(OrtSession.Result result) throws OrtException {
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
        rounds.forEach(Round::close);
    }

    /** Inputs, and what the base gives for them. */
    private record Round(Map<String, OnnxTensor> inputs, Map<String, Outcome> base) {

        static Round of(OrtSession session, Map<String, OnnxTensor> inputs) throws OrtException {
            boolean runs = false;
            try (OrtSession.RunOptions options = quiet();
                    OrtSession.Result result = session.run(inputs, options)) {
                Round round = new Round(inputs, outcomes(result));
                runs = true;
                return round;
            } finally {
                if (!runs) {
                    inputs.values().forEach(OnnxTensor::close);
                }
            }
        }

        /** What goes wrong is in the exception, and may be no fault at all. */
        private static OrtSession.RunOptions quiet() throws OrtException {
            OrtSession.RunOptions options = new OrtSession.RunOptions();
            options.setLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return options;
        }

        void require(String name, Outcome seen, String task) {
            Outcome expected = base.get(name);
            if (expected == null || !seen.isAsGoodAs(expected)) {
                throw new EngramException(
                        "The adapter of task %s gives %s %s; the base gives %s"
                                .formatted(task, name, seen, expected));
            }
        }

        void close() {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private record Outcome(Shape shape, int finite) {

        static Outcome of(OnnxTensor tensor) {
            Shape shape = new Shape(tensor.getInfo().getShape());
            return new Outcome(
                    shape,
                    switch (tensor.getInfo().type) {
                        case FLOAT, FLOAT16, BFLOAT16 -> finite(tensor.getFloatBuffer());
                        case DOUBLE -> finite(tensor.getDoubleBuffer());
                        default -> 0;
                    });
        }

        private static int finite(FloatBuffer values) {
            int finite = 0;
            while (values.hasRemaining()) {
                finite += Float.isFinite(values.get()) ? 1 : 0;
            }
            return finite;
        }

        private static int finite(DoubleBuffer values) {
            int finite = 0;
            while (values.hasRemaining()) {
                finite += Double.isFinite(values.get()) ? 1 : 0;
            }
            return finite;
        }

        boolean isAsGoodAs(Outcome expected) {
            return shape.equals(expected.shape) && finite >= expected.finite;
        }

        @Override
        public String toString() {
            return "%s with %s finite values".formatted(shape, finite);
        }
    }
}
