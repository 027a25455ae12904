package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ReplayedBatch;
import java.util.List;

/**
 * Samples that were made, in the form that the model takes.
 *
 * @param form of all
 * @param classes of each sample the class
 */
public record MadeSamples(Form form, List<ClassOfTask> classes) {

    /**
     * Returns the batch.
     *
     * @param amounts float32, one sample a row
     * @param manager owns what is returned
     */
    public ReplayedBatch batch(NDArray amounts, NDManager manager) {
        NDArray inputs = typed(amounts).toDevice(manager.getDevice(), false);
        inputs.attach(manager);
        return ReplayedBatch.of(
                new NDList(inputs),
                new NDList(labels(manager)),
                new NDList(),
                classes.stream().map(ClassOfTask::task).toList(),
                manager);
    }

    private NDArray typed(NDArray amounts) {
        NDArray whole = form.inputType() == DataType.UINT8 ? amounts.round() : amounts;
        return whole.reshape(new Shape(classes.size()).addAll(form.input()))
                .toType(form.inputType(), false);
    }

    private NDArray labels(NDManager manager) {
        Shape shape = new Shape(classes.size()).addAll(form.label());
        double[] labels =
                classes.stream()
                        .flatMap(one -> one.label().stream())
                        .mapToDouble(Double::doubleValue)
                        .toArray();
        return manager.create(labels, shape).toType(form.labelType(), false);
    }
}
