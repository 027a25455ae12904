package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The importance of RWalk: {@code Ω = F / max F + s / max s}, both parts 0 to 1 (Chaudhry et al.
 * 2018, section 4 and equation 8).
 *
 * <p>{@code F} is a moving average of the batch gradients' squares, {@code F ← α F + (1 - α) g²}
 * (section 4.1, equation 5). {@code s = max(0, Σ ΔL / (½ F Δθ² + ε))} is a path score (section 4.2,
 * equation 7): a task's training is cut into stretches of {@code interval} steps, and {@code ΔL =
 * -Σ g Δθ} of a stretch is set in relation to the way {@code ½ F Δθ²} that it went in the space of
 * predictions. The maxima run over all elements of all parameters. {@code F} is in units of the
 * loss squared per squared parameter, {@code s} has none, nor has Ω, which is 0 to 2; each
 * parameter's importance has its shape.
 *
 * <p>Where it departs from the paper: {@code F} begins anew with each task, a stretch also ends
 * with each epoch, {@code F} is corrected for having begun at zero, and tasks are put together by
 * the guard, which lets the sum {@code Ω} of earlier tasks fade (γ = ½ is the paper's average of
 * scores but for a constant factor that λ takes up; the paper lets only the scores fade). As in the
 * paper {@code F} squares a batch's mean gradient, not each sample's; the normalisation takes out
 * the factor, not the bias.
 *
 * <p>A task whose training was not seen is held uniformly, as by {@link PathIntegralImportance}.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class WalkImportance implements ImportanceEstimator {

    private final WalkSettings settings;
    private @Nullable NDManager manager;
    private Map<String, WalkedParameter> walked = Map.of();

    private WalkImportance(WalkSettings settings) {
        this.settings = settings;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        close();
        NDManager owner = training.manager().newSubManager();
        owner.setName("walk");
        manager = owner;
        walked = new LinkedHashMap<>();
        onParametersChanged(training);
    }

    /** A parameter that was thawed begins its walk where it is. */
    @Override
    public void onParametersChanged(TrainingView training) {
        NDManager owner = manager;
        if (owner != null) {
            for (LiveParameter parameter : training.parameters()) {
                walked.computeIfAbsent(
                        parameter.name(),
                        name -> new WalkedParameter(parameter.value(), owner, settings));
            }
        }
    }

    @Override
    public void onBackward(StepView step) {
        for (LiveParameter parameter : step.parameters()) {
            WalkedParameter walk = walked.get(parameter.name());
            if (walk != null) {
                try (NDArray gradient = parameter.gradient()) {
                    walk.extend(gradient, parameter.value());
                }
            }
        }
    }

    @Override
    public void onEpoch(TrainingView training) {
        for (LiveParameter parameter : training.parameters()) {
            WalkedParameter walk = walked.get(parameter.name());
            if (walk != null) {
                walk.settle(parameter.value());
            }
        }
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        if (manager == null) {
            return UnseenTraining.uniform(task);
        }
        onEpoch(task);
        double fisher = 0;
        double score = 0;
        for (WalkedParameter walk : walked.values()) {
            fisher = Math.max(fisher, walk.greatestFisher());
            score = Math.max(score, walk.greatestScore());
        }
        Map<String, NDArray> found = new LinkedHashMap<>();
        for (LiveParameter parameter : task.parameters()) {
            WalkedParameter walk = walked.get(parameter.name());
            if (walk != null) {
                NDArray importance = walk.importance(fisher, score);
                importance.attach(task.scratch());
                found.put(parameter.name(), importance);
            }
        }
        close();
        return found;
    }

    @Override
    public void close() {
        walked = Map.of();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /**
     * How the walk is measured.
     *
     * @param average α
     * @param damping ε
     * @param interval steps a stretch
     */
    record WalkSettings(double average, double damping, int interval) {}

    /** Builds a {@link WalkImportance}. */
    public static final class Builder {

        private double average = 0.9;
        private double damping = 0.1;
        private int interval = 10;

        Builder() {}

        /** Sets α, how much of the moving average stays at a step, 0 to below 1; 0.9 unless set. */
        public Builder optAverage(double average) {
            this.average = average;
            return this;
        }

        /** Sets ε, finite and above 0, in units of the loss; 0.1 unless set. */
        public Builder optDamping(double damping) {
            this.damping = damping;
            return this;
        }

        /** Sets how many steps a stretch of the walk has, 1 or more; 10 unless set. */
        public Builder optInterval(int interval) {
            this.interval = interval;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if a value is out of bounds
         */
        public WalkImportance build() {
            boolean average01 = average >= 0 && average < 1;
            boolean positive = damping > 0 && Double.isFinite(damping);
            if (!average01 || !positive || interval < 1) {
                throw new InvalidOptionException(
                        "optAverage(%s), optDamping(%s), optInterval(%s): give 0 to below 1, a number above 0, 1 or more"
                                .formatted(average, damping, interval));
            }
            return new WalkImportance(new WalkSettings(average, damping, interval));
        }
    }
}
