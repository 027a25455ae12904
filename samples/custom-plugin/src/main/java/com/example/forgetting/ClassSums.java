package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.guard.SampleBatch;
import java.util.Map;

/** Sums over the samples of a class. */
final class ClassSums {

    private final ClassGaussian.Form form;
    private final double[] sums;
    private final double[] squares;
    private long count;

    private ClassSums(ClassGaussian.Form form) {
        this.form = form;
        this.sums = new double[Math.toIntExact(form.input().size())];
        this.squares = new double[sums.length];
    }

    /** Adds the samples of a batch, each to the sums of its class; waits for the device. */
    static void add(SampleBatch batch, Map<Float, ClassSums> byLabel) {
        ClassGaussian.Form form = form(batch);
        float[] inputs = batch.data().head().toFloatArray();
        float[] labels =
                batch.labels().head().toType(DataType.FLOAT32, false).flatten().toFloatArray();
        for (int i = 0; i < labels.length; i++) {
            byLabel.computeIfAbsent(labels[i], label -> new ClassSums(form)).add(inputs, i);
        }
    }

    private static ClassGaussian.Form form(SampleBatch batch) {
        boolean isOne = batch.data().size() == 1 && batch.labels().size() == 1;
        if (!isOne || batch.labels().head().size() != batch.size()) {
            throw new EngramException(
                    "acme-gauss draws one input for one class, but the task has inputs %s and labels %s: take er with a store of its own"
                            .formatted(batch.data(), batch.labels()));
        }
        NDArray input = batch.data().head();
        NDArray label = batch.labels().head();
        if (input.getDataType() != DataType.FLOAT32) {
            throw new EngramException(
                    "acme-gauss draws float32 inputs, but the task has %s: a mean of word numbers is no word; take er with a store of its own"
                            .formatted(input.getDataType()));
        }
        return new ClassGaussian.Form(
                input.getShape().slice(1), label.getShape().slice(1), label.getDataType());
    }

    private void add(float[] inputs, int row) {
        for (int i = 0; i < sums.length; i++) {
            double value = inputs[row * sums.length + i];
            sums[i] += value;
            squares[i] += value * value;
        }
        count++;
    }

    long count() {
        return count;
    }

    ClassGaussian gaussian(String task, float label) {
        float[] mean = new float[sums.length];
        float[] deviation = new float[sums.length];
        for (int i = 0; i < sums.length; i++) {
            double middle = sums[i] / count;
            mean[i] = (float) middle;
            deviation[i] = (float) Math.sqrt(Math.max(0, squares[i] / count - middle * middle));
        }
        return new ClassGaussian(task, label, count, mean, deviation, form);
    }
}
