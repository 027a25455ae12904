package dev.engram.onnx.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.primitives.Floats;
import dev.engram.api.EngramException;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Looks once whether a model computes each row by itself, so that its batches may be cut: the first
 * rows together must give what two halves of them give. Thread-safe.
 */
final class CutCheck {

    /**
     * Of the largest value: sums of another batch size are rounded otherwise, far less than this.
     */
    private static final double TOLERANCE = 1e-3;

    private static final double HALF_TOLERANCE = 2e-2;

    private final List<NodeInfo> outputs;
    private volatile boolean isDone;

    CutCheck(List<NodeInfo> outputs) {
        this.outputs = outputs;
    }

    /**
     * Runs the first rows whole and cut, unless that was done before.
     *
     * @param step how many rows a batch has; there are more
     * @throws EngramException if the outputs differ
     */
    void require(Batches batches, long step) throws OrtException {
        if (isDone) {
            return;
        }
        long count = Math.max(2, step);
        long half = count / 2;
        List<float[]> whole = values(batches, 0, count);
        List<float[]> first = values(batches, 0, half);
        List<float[]> second = values(batches, half, count - half);
        for (int i = 0; i < outputs.size(); i++) {
            compare(outputs.get(i).getName(), whole.get(i), first.get(i), second.get(i));
        }
        isDone = true;
    }

    private void compare(String output, float[] whole, float[] first, float[] second) {
        if (first.length + second.length != whole.length) {
            return; // no rows at all, which is said where batches are joined
        }
        float[] joined = Floats.concat(first, second);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < whole.length; i++) {
            if (Float.isFinite(whole[i]) && Float.isFinite(joined[i])) {
                largest = Math.max(largest, Math.abs(whole[i]));
                difference = Math.max(difference, Math.abs(whole[i] - joined[i]));
            }
        }
        requireClose(output, difference, largest);
    }

    private void requireClose(String output, double difference, double largest) {
        if (difference > tolerance(output) * largest) {
            throw new EngramException(
                    "The output %s of a row is another by %s if fewer rows run with it, so the model mixes rows and its batches cannot be cut: leave out optBatchSize"
                            .formatted(output, String.format(Locale.ROOT, "%.3g", difference)));
        }
    }

    private double tolerance(String output) {
        boolean isHalf =
                outputs.stream()
                        .filter(node -> node.getName().equals(output))
                        .anyMatch(node -> ExtractionPass.type(node).type.size < Float.BYTES);
        return isHalf ? HALF_TOLERANCE : TOLERANCE;
    }

    private List<float[]> values(Batches batches, long from, long count) throws OrtException {
        List<float[]> values = new ArrayList<>();
        try (OrtSession.Result result = batches.run(from, count)) {
            for (NodeInfo output : outputs) {
                values.add(values((OnnxTensor) result.get(output.getName()).orElseThrow()));
            }
        }
        return values;
    }

    /** Whole numbers, such as the class of the highest score, may differ where scores hardly do. */
    private static float[] values(OnnxTensor tensor) {
        return switch (tensor.getInfo().type) {
            case FLOAT, FLOAT16, BFLOAT16 -> values(tensor.getFloatBuffer());
            case DOUBLE -> values(tensor.getDoubleBuffer());
            default -> new float[0];
        };
    }

    private static float[] values(FloatBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static float[] values(DoubleBuffer buffer) {
        float[] values = new float[buffer.remaining()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) buffer.get();
        }
        return values;
    }

    /** Runs some of the rows. */
    interface Batches {

        OrtSession.Result run(long from, long count) throws OrtException;
    }
}
