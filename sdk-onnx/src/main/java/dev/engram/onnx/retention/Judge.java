package dev.engram.onnx.retention;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Lets one model answer the samples of tasks, some at a time. */
final class Judge {

    private final String output;
    private final AnswerRule rule;
    private final int batchSize;

    /**
     * Creates it.
     *
     * @param output the output that holds the scores; empty for the first
     */
    Judge(String output, AnswerRule rule, int batchSize) {
        this.output = output;
        this.rule = rule;
        this.batchSize = batchSize;
    }

    Answers answers(TaskSamples samples, OpenModel model) {
        boolean[] right = new boolean[samples.size()];
        for (int from = 0; from < right.length; from += batchSize) {
            int count = Math.min(batchSize, right.length - from);
            try {
                judge(samples, from, count, model, right);
            } catch (OrtException e) {
                throw new EngramException(
                        "The samples %d to %d of task %s cannot be judged: %s"
                                .formatted(from, from + count - 1, samples.task(), e.getMessage()),
                        e);
            }
        }
        return Answers.of(samples.task(), right);
    }

    private void judge(TaskSamples samples, int from, int count, OpenModel model, boolean[] right)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Column> column : samples.columns().entrySet()) {
                inputs.put(column.getKey(), column.getValue().tensor(from, count));
            }
            try (OrtSession.Result result = model.run(samples.task(), inputs)) {
                float[] scores = new float[valuesASample(samples, count, scores(result))];
                FloatBuffer all = scores(result).getFloatBuffer();
                for (int i = 0; i < count; i++) {
                    all.get(scores);
                    right[from + i] = rule.isRight(scores, samples.label(from + i));
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor scores(OrtSession.Result result) {
        Optional<OnnxValue> value =
                output.isEmpty() ? Optional.of(result.get(0)) : result.get(output);
        if (value.isPresent()
                && value.get() instanceof OnnxTensor tensor
                && tensor.getInfo().type == OnnxJavaType.FLOAT) {
            return tensor;
        }
        throw new EngramException(
                "The model has no output %s of floats: call optOutput with the one that holds the scores"
                        .formatted(output));
    }

    private static int valuesASample(TaskSamples samples, int count, OnnxTensor scores) {
        long[] shape = scores.getInfo().getShape();
        long all = scores.getInfo().getNumElements();
        if (shape.length == 0 || shape[0] != count) {
            throw new EngramException(
                    "For %d samples of task %s the output has the shape %s: its first axis must be the samples"
                            .formatted(count, samples.task(), Arrays.toString(shape)));
        }
        return Math.toIntExact(all / count);
    }
}
