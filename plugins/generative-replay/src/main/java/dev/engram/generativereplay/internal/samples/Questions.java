package dev.engram.generativereplay.internal.samples;

import ai.djl.ndarray.NDList;
import dev.engram.api.guard.TrainingView;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which samples are made before a task begins, and who answers them.
 *
 * @param samples how many, to be drawn from while the task trains; 0: none, they are made when they
 *     are drawn
 * @param teacher who answers; null: the model as it is then
 * @param mustAgree whether samples go that are not answered with the class that they were made for
 */
public record Questions(int samples, @Nullable UnaryOperator<NDList> teacher, boolean mustAgree) {

    /** Returns such as the model answers, all of which stay. */
    public static Questions toTheModel(int samples) {
        return new Questions(samples, null, false);
    }

    /** Returns who answers. */
    UnaryOperator<NDList> answering(TrainingView training) {
        return teacher == null ? training.model()::predict : teacher;
    }
}
