package dev.engram.kit.penalty;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.Stable;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds a {@link QuadraticPenaltyGuard}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class QuadraticPenaltyGuardBuilder {

    String name = "penalty";
    @Nullable ImportanceEstimator importance;
    double lambda = 1;
    double baseLambda = 1;
    double maxLearningRate = 0.1;
    int renewEvery = 1;
    Merging merging = Merging.SUM;
    double decay = 1;
    Scale scale = Scale.RAW;

    QuadraticPenaltyGuardBuilder() {}

    /** Sets what says how much a task needs each parameter; the guard closes it. */
    public QuadraticPenaltyGuardBuilder setImportance(ImportanceEstimator importance) {
        this.importance = importance;
        return this;
    }

    /** Sets the name under which the guard's memory is kept. */
    public QuadraticPenaltyGuardBuilder setName(String name) {
        this.name = name;
        return this;
    }

    /** Sets λ, finite and 0 or more; 1 unless set. */
    public QuadraticPenaltyGuardBuilder optLambda(double lambda) {
        this.lambda = lambda;
        return this;
    }

    /**
     * Sets the strength with which a base is held of which there is no data, in units of the loss
     * per squared change of an output, finite and 0 or more; 1 unless set.
     */
    public QuadraticPenaltyGuardBuilder optBaseLambda(double baseLambda) {
        this.baseLambda = baseLambda;
        return this;
    }

    /** Sets the learning rate up to which gradient descent must stay stable; 0.1 unless set. */
    public QuadraticPenaltyGuardBuilder optMaxLearningRate(double maxLearningRate) {
        this.maxLearningRate = maxLearningRate;
        return this;
    }

    /** Sets at which steps the pull is computed anew: 1 (every step) unless set. */
    public QuadraticPenaltyGuardBuilder optRenewEvery(int steps) {
        this.renewEvery = steps;
        return this;
    }

    /** Sets how the importance of a new task joins that of earlier ones; a sum unless set. */
    public QuadraticPenaltyGuardBuilder optMerging(Merging merging) {
        this.merging = merging;
        return this;
    }

    /** Sets γ of {@link Merging#ONLINE}, 0 to 1; 1 unless set. */
    public QuadraticPenaltyGuardBuilder optDecay(double decay) {
        this.decay = decay;
        return this;
    }

    /** Sets the scale of the importance; raw unless set. */
    public QuadraticPenaltyGuardBuilder optScale(Scale scale) {
        this.scale = scale;
        return this;
    }

    /**
     * Builds the guard.
     *
     * @throws InvalidOptionException if a value is missing or out of bounds, naming them all
     */
    public QuadraticPenaltyGuard build() {
        List<String> problems = new ArrayList<>();
        require(importance != null, "setImportance is missing", problems);
        require(Double.isFinite(lambda) && lambda >= 0, "lambda = " + lambda, problems);
        require(
                Double.isFinite(baseLambda) && baseLambda >= 0,
                "baseLambda = " + baseLambda,
                problems);
        require(
                maxLearningRate > 0 && Double.isFinite(maxLearningRate),
                "maxLearningRate = " + maxLearningRate,
                problems);
        require(renewEvery >= 1, "renewEvery = " + renewEvery + " (1 or more)", problems);
        require(decay >= 0 && decay <= 1, "decay = " + decay + " (0 to 1)", problems);
        if (importance == null || !problems.isEmpty()) {
            throw new InvalidOptionException("Penalty guard: " + String.join("; ", problems));
        }
        return new QuadraticPenaltyGuard(this, importance);
    }

    private static void require(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
