package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ReplayedBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Samples of one form, drawn one after the other. */
final class Drawing {

    /** Further out than so many deviations a sample is likelier another class's. */
    private static final double CUT = 1.5;

    private final ClassGaussian.Form form;
    private final List<float[]> inputs = new ArrayList<>();
    private final List<ClassGaussian> origins = new ArrayList<>();

    Drawing(ClassGaussian.Form form) {
        this.form = form;
    }

    void add(ClassGaussian from, SplittableRandom random) {
        float[] input = new float[from.mean().length];
        for (int i = 0; i < input.length; i++) {
            double away = Math.max(-CUT, Math.min(CUT, random.nextGaussian()));
            input[i] = from.mean()[i] + from.deviation()[i] * (float) away;
        }
        inputs.add(input);
        origins.add(from);
    }

    ReplayedBatch batch(NDManager manager) {
        int width = Math.toIntExact(form.input().size());
        float[] data = new float[inputs.size() * width];
        float[] labels = new float[inputs.size()];
        for (int i = 0; i < labels.length; i++) {
            System.arraycopy(inputs.get(i), 0, data, i * width, width);
            labels[i] = origins.get(i).label();
        }
        Shape rows = new Shape(labels.length);
        NDArray classes = manager.create(labels, rows.addAll(form.label()));
        return ReplayedBatch.of(
                new NDList(manager.create(data, rows.addAll(form.input()))),
                new NDList(classes.toType(form.labelType(), false)),
                new NDList(),
                origins.stream().map(ClassGaussian::task).toList(),
                manager);
    }
}
