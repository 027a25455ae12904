package dev.engram.onnx.retention;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import java.nio.file.Path;
import java.util.Random;

/** Two tasks that a model of one matrix answers rightly, wrongly, or for the most part. */
public final class Digits {

    private static final int CLASSES = 3;

    private static final float[] IDENTITY = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    private static final float[] MIXED = {1, 0, 0, 0, 0, 1, 0, 1, 0};

    private Digits() {}

    /** A model whose scores are the inputs, but for one class that is told as another. */
    public static Path model(Path file, boolean confused) {
        return model(file, -1L, confused ? MIXED : IDENTITY);
    }

    /** A model with other scores and the same answers as one that is not confused. */
    public static Path scaled(Path file) {
        return model(file, -1L, new float[] {2, 0, 0, 0, 2, 0, 0, 0, 2});
    }

    /** A model that is not confused, and takes a fixed number of samples at once. */
    public static Path fixed(Path file, long batch) {
        return model(file, batch, IDENTITY);
    }

    private static Path model(Path file, long batch, float[] w) {
        return Models.opset(13)
                .input("x", DataType.FLOAT, batch, CLASSES)
                .weights("w", new long[] {CLASSES, CLASSES}, w)
                .node("MatMul", "scores", "x", "w")
                .output("scores", DataType.FLOAT, batch, CLASSES)
                .write(file);
    }

    /** Samples whose classes are of 0 and others, as many as stated. */
    public static TaskSamples samples(String task, int size, int... classes) {
        Random random = new Random(size);
        float[] x = new float[size * CLASSES];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = classes[random.nextInt(classes.length)];
            for (int c = 0; c < CLASSES; c++) {
                x[i * CLASSES + c] = random.nextFloat() + (c == labels[i] ? 1 : 0);
            }
        }
        return TaskSamples.builder(task).addFloats("x", x, CLASSES).setLabels(labels).build();
    }
}
