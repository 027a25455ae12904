package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What samples must have in common to be drawn in one batch: shapes without the batch, and types.
 *
 * @param input shape of an input
 * @param inputType type of inputs
 * @param label shape of a label
 * @param labelType type of labels
 */
public record Form(Shape input, DataType inputType, Shape label, DataType labelType) {

    private static final Set<DataType> AMOUNTS =
            EnumSet.of(DataType.FLOAT32, DataType.FLOAT64, DataType.FLOAT16, DataType.UINT8);

    /**
     * Returns the form of a batch; reads nothing from the device.
     *
     * @throws EngramException if samples of such a form cannot be drawn
     */
    public static Form of(String task, NDList data, NDList labels) {
        long size = data.isEmpty() ? 0 : data.head().getShape().get(0);
        boolean isOneEach =
                data.size() == 1 && labels.size() == 1 && perSample(labels.head()) == size;
        if (!isOneEach) {
            throw new EngramException(
                    "Generative replay draws one input for one label, but task \"%s\" has inputs %s and labels %s: take er with a store of its own"
                            .formatted(task, shapes(data), shapes(labels)));
        }
        NDArray input = data.head();
        if (!AMOUNTS.contains(input.getDataType())) {
            throw new EngramException(
                    "Generative replay draws inputs that are amounts (one of %s), but those of task \"%s\" are %s: between the numbers of two words lies no word. Train on embeddings of them, or take er with a store of its own"
                            .formatted(AMOUNTS, task, input.getDataType()));
        }
        return new Form(
                input.getShape().slice(1),
                input.getDataType(),
                labels.head().getShape().slice(1),
                labels.head().getDataType());
    }

    /** Returns how many numbers an input has. */
    public long width() {
        return input.size();
    }

    private static long perSample(NDArray labels) {
        return labels.getShape().dimension() == 0 ? 0 : labels.getShape().get(0);
    }

    private static String shapes(NDList arrays) {
        return arrays.stream().map(array -> array.getShape().toString()).toList().toString();
    }
}
