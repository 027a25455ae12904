package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.GuardedModel;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.loss.LossTerm;
import dev.engram.kit.teacher.Teacher;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How far the model is from its teacher on a batch, times its weight. */
final class TeacherTerm implements LossTerm {

    private final Teacher teacher;
    private final @Nullable UnaryOperator<NDList> other;
    private final Distilled distilled;
    private final double temperature;
    private double weight;
    private Masks masks = outputs -> List.of();

    TeacherTerm(
            Teacher teacher,
            @Nullable UnaryOperator<NDList> other,
            Distilled distilled,
            double temperature) {
        this.teacher = teacher;
        this.other = other;
        this.distilled = distilled;
        this.temperature = temperature;
    }

    /** Says how much it weighs from now on, and among which outputs answers are probabilities. */
    void weigh(double next, Masks groups) {
        weight = next;
        masks = groups;
    }

    boolean isAboutFeatures() {
        return distilled == Distilled.FEATURES;
    }

    @Override
    public NDArray of(
            GuardedModel model, NDList inputs, Supplier<NDList> predictions, NDManager scratch) {
        NDArray distance =
                isAboutFeatures()
                        ? ofFeatures(model, inputs, scratch)
                        : ofAnswers(model, inputs, predictions, scratch);
        NDArray term = Scaled.by(weight, distance);
        term.attach(scratch);
        return term;
    }

    private NDArray ofAnswers(
            GuardedModel model, NDList inputs, Supplier<NDList> predictions, NDManager scratch) {
        NDArray soft = (other == null ? teacher.answers(model, inputs) : asked(inputs)).head();
        soft.attach(scratch);
        List<NDArray> groups = masks.of(SoftAnswers.width(soft));
        return SoftAnswers.distance(soft, predictions.get().head(), groups, temperature, scratch);
    }

    private NDArray ofFeatures(GuardedModel model, NDList inputs, NDManager scratch) {
        NDArray wanted = other == null ? teacher.of(model).features(inputs) : asked(inputs).head();
        NDArray seen = wanted.stopGradient();
        seen.attach(scratch);
        NDArray own = model.features(inputs);
        if (!own.getShape().equals(seen.getShape())) {
            throw new EngramException(
                    "The teacher's features are %s, and the model's last layer sees %s: give a teacher whose features have that shape"
                            .formatted(seen.getShape(), own.getShape()));
        }
        return own.sub(seen).square().mean();
    }

    private NDList asked(NDList inputs) {
        if (other == null) {
            throw new IllegalStateException("no other teacher");
        }
        NDList answers = new NDList();
        other.apply(inputs).forEach(array -> answers.add(array.stopGradient()));
        return answers;
    }

    /** Gives the masks for so many outputs. */
    interface Masks {

        List<NDArray> of(long outputs);
    }
}
