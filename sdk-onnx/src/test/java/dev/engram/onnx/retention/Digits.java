package dev.engram.onnx.retention;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.onnx.Models;
import java.nio.file.Path;
import java.util.Random;

/** Two tasks that a model of one matrix answers rightly, wrongly, or for the most part. */
public final class Digits {

    private static final int CLASSES = 3;

    private Digits() {}

    /** A model whose scores are the inputs, but for one class that is told as another. */
    public static Path model(Path file, boolean confused) {
        float[] identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
        float[] mixed = {1, 0, 0, 0, 0, 1, 0, 1, 0};
        return Models.opset(13)
                .input("x", DataType.FLOAT, -1, CLASSES)
                .weights("w", new long[] {CLASSES, CLASSES}, confused ? mixed : identity)
                .node("MatMul", "scores", "x", "w")
                .output("scores", DataType.FLOAT, -1, CLASSES)
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
