package dev.engram.onnx.retention;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Lets one model answer the samples of tasks, some at a time. */
final class TaskEvaluator {

    private final String output;
    private final AnswerRule rule;
    private final int batchSize;

    /**
     * Creates it.
     *
     * @param output the output that holds the scores; empty for the first
     */
    TaskEvaluator(String output, AnswerRule rule, int batchSize) {
        this.output = output;
        this.rule = rule;
        this.batchSize = batchSize;
    }

    /** Returns a model's answers; NaN is no answer, and refused when all samples were seen. */
    Answers answers(TaskSamples samples, OpenModel model) {
        boolean[] right = new boolean[samples.size()];
        BitSet broken = new BitSet();
        for (int next = 0; next < right.length; next += batchSize) {
            // A file may take batches of one size only: the last samples run with some before them.
            int from = Math.max(0, Math.min(next, right.length - batchSize));
            int count = Math.min(batchSize, right.length - from);
            try {
                judge(new Batch(samples, from, count), model, right, broken);
            } catch (OrtException e) {
                throw new EngramException(
                        "The samples %s to %s of task %s cannot be judged by %s: %s"
                                .formatted(from, from + count - 1, samples.task(), model.file(), e),
                        e);
            }
        }
        requireNone(broken, samples, model);
        return Answers.of(samples.task(), right);
    }

    private static void requireNone(BitSet broken, TaskSamples samples, OpenModel model) {
        if (!broken.isEmpty()) {
            throw new EngramException(
                    "%s gives NaN for %s of the %s samples of task %s, the first of them %s: no class has the highest score there. The model diverged, or these inputs have NaN"
                            .formatted(
                                    model.file(),
                                    broken.cardinality(),
                                    samples.size(),
                                    samples.task(),
                                    broken.nextSetBit(0)));
        }
    }

    private void judge(Batch batch, OpenModel model, boolean[] right, BitSet broken)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Column> column : batch.samples().columns().entrySet()) {
                inputs.put(column.getKey(), column.getValue().tensor(batch.from(), batch.count()));
            }
            try (OrtSession.Result result = model.run(batch.samples().task(), inputs)) {
                judge(batch, scores(result), model, right, broken);
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private void judge(
            Batch batch, OnnxTensor output, OpenModel model, boolean[] right, BitSet broken) {
        float[] scores = new float[batch.valuesASample(output)];
        FloatBuffer all = output.getFloatBuffer();
        for (int i = batch.from(); i < batch.from() + batch.count(); i++) {
            all.get(scores);
            if (hasNaN(scores)) {
                broken.set(i);
            } else {
                right[i] = isRight(scores, batch.samples(), i, model);
            }
        }
    }

    private boolean isRight(float[] scores, TaskSamples samples, int sample, OpenModel model) {
        try {
            return rule.isRight(scores, samples.label(sample));
        } catch (EngramException e) {
            throw new EngramException(
                    "Sample %s of task %s cannot be judged by %s: %s"
                            .formatted(sample, samples.task(), model.file(), e.getMessage()),
                    e);
        }
    }

    private static boolean hasNaN(float[] scores) {
        for (float score : scores) {
            if (Float.isNaN(score)) {
                return true;
            }
        }
        return false;
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

    /** Some samples that run at once. */
    private record Batch(TaskSamples samples, int from, int count) {

        int valuesASample(OnnxTensor scores) {
            long[] shape = scores.getInfo().getShape();
            long all = scores.getInfo().getNumElements();
            if (shape.length == 0 || shape[0] != count) {
                throw new EngramException(
                        "For %s samples of task %s the output has the shape %s: its first axis must be the samples"
                                .formatted(count, samples.task(), Arrays.toString(shape)));
            }
            return Math.toIntExact(all / count);
        }
    }
}
