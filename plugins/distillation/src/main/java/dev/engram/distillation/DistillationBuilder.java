package dev.engram.distillation;

import ai.djl.ndarray.NDList;
import dev.engram.api.Experimental;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link Distillation}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class DistillationBuilder {

    String name = "lwf";
    double lambda = 1;
    boolean grows = true;
    double temperature = 2;
    double ema = 0.999;
    Heads heads = Heads.BY_TASK;
    TeacherState teacher = TeacherState.LAST_TASK;
    Distilled distilled = Distilled.ANSWERS;
    @Nullable UnaryOperator<NDList> other;

    DistillationBuilder() {}

    /** Sets the name under which the memory keeps it; {@code lwf} unless set. */
    public DistillationBuilder optName(String name) {
        this.name = name;
        return this;
    }

    /** Sets the strength, 0 or more; 1 unless set. */
    public DistillationBuilder optLambda(double lambda) {
        this.lambda = lambda;
        return this;
    }

    /** Sets whether the strength is taken times the number of earlier tasks; it is unless set. */
    public DistillationBuilder optGrowth(boolean grows) {
        this.grows = grows;
        return this;
    }

    /** Sets what outputs are divided by before they become probabilities; 2 unless set. */
    public DistillationBuilder optTemperature(double temperature) {
        this.temperature = temperature;
        return this;
    }

    /** Sets among which outputs answers are probabilities; {@link Heads#BY_TASK} unless set. */
    public DistillationBuilder optHeads(Heads heads) {
        this.heads = heads;
        return this;
    }

    /** Sets what of the teacher is held; {@link Distilled#ANSWERS} unless set. */
    public DistillationBuilder optDistilled(Distilled distilled) {
        this.distilled = distilled;
        return this;
    }

    /** Sets which state of the model teaches; {@link TeacherState#LAST_TASK} unless set. */
    public DistillationBuilder optTeacher(TeacherState teacher) {
        this.teacher = teacher;
        return this;
    }

    /**
     * Sets a teacher that is no state of the model, such as {@code extractor::extract} of an {@code
     * OnnxFeatureExtractor}: it is given a batch of the model's inputs, and what it returns goes to
     * their manager. It teaches from the first task on.
     */
    public DistillationBuilder optTeacher(UnaryOperator<NDList> teacher) {
        this.other = teacher;
        return this;
    }

    /** Sets the decay of {@link TeacherState#EMA} a step; 0.999 unless set. */
    public DistillationBuilder optEma(double ema) {
        this.ema = ema;
        return this;
    }

    /**
     * Builds it.
     *
     * @throws IllegalArgumentException if a value is out of its bounds
     */
    public Distillation build() {
        if (!(lambda >= 0 && temperature > 0 && ema >= 0 && ema < 1)) {
            throw new IllegalArgumentException(
                    "lambda = %s: give 0 or more; temperature = %s: more than 0; ema = %s: 0 to 1"
                            .formatted(lambda, temperature, ema));
        }
        return new Distillation(this);
    }
}
