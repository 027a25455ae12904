package dev.engram.sleep.internal.weights;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import dev.engram.api.EngramException;
import java.util.function.UnaryOperator;

/** A teacher that is a model of its own. */
public final class OtherModel {

    private OtherModel() {}

    /**
     * Returns what runs it in evaluation mode.
     *
     * @throws EngramException if it is on another device than the one that sleeps
     */
    public static UnaryOperator<NDList> of(Model teacher, Model sleeper) {
        if (!teacher.getNDManager().getDevice().equals(sleeper.getNDManager().getDevice())) {
            throw new EngramException(
                    "The teacher \"%s\" is on %s, but the model on %s: load both on one device"
                            .formatted(
                                    teacher.getName(),
                                    teacher.getNDManager().getDevice(),
                                    sleeper.getNDManager().getDevice()));
        }
        return inputs ->
                teacher.getBlock()
                        .forward(
                                new ParameterStore(inputs.head().getManager(), false),
                                new NDList(inputs),
                                false);
    }
}
