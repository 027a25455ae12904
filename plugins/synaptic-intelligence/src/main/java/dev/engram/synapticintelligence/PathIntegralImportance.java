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
 * Synaptic intelligence: {@code Ω = max(0, ω) / (Δ² + ξ)}, where {@code ω = -Σ g_t (θ_{t+1} - θ_t)}
 * runs over the steps of the task and {@code Δ} is how far the task moved the parameter in all
 * (Zenke, Poole and Ganguli 2017, equations 3 to 5).
 *
 * <p>{@code g} is the gradient of the task's batch alone, taken before any guard edits it, and on
 * the trainer's first device; {@code θ} moves by whatever the optimizer did. {@code ω} is in units
 * of the loss, {@code Ω} in units of the loss per squared parameter, 0 or more: a parameter whose
 * moves raised the loss counts as 0, and nothing else is clipped. Each parameter's importance has
 * its shape.
 *
 * <p>A task whose training was not seen has no path. Such a base model is held uniformly, {@code Ω
 * = 1}, and a warning says so.
 *
 * <p>Keeps three arrays a parameter while a task trains, and none between tasks.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PathIntegralImportance implements ImportanceEstimator {

    private final double damping;
    private @Nullable Path path;

    private PathIntegralImportance(Builder builder) {
        this.damping = builder.damping;
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
        path = new Path(training);
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        if (path != null) {
            path.begin(training);
        }
    }

    @Override
    public void onBackward(StepView step) {
        if (path != null) {
            path.extend(step);
        }
    }

    @Override
    public void onEpoch(TrainingView training) {
        if (path != null) {
            path.settle(training);
        }
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        if (path == null) {
            return UnseenTraining.uniform(task);
        }
        path.settle(task);
        Map<String, NDArray> found = path.importance(task, damping);
        close();
        return found;
    }

    @Override
    public void close() {
        if (path != null) {
            path.manager.close();
            path = null;
        }
    }

    /** The path of one task. */
    private static final class Path {

        private final NDManager manager;
        private final Map<String, NDArray> begin = new LinkedHashMap<>();
        private final Map<String, PathIntegral> integrals = new LinkedHashMap<>();

        Path(TrainingView training) {
            manager = training.manager().newSubManager();
            manager.setName("path integral");
            begin(training);
        }

        /** A parameter that was thawed begins its path where it is. */
        void begin(TrainingView training) {
            for (LiveParameter parameter : training.parameters()) {
                if (!begin.containsKey(parameter.name())) {
                    NDArray start = parameter.value().duplicate();
                    start.attach(manager);
                    begin.put(parameter.name(), start);
                    integrals.put(parameter.name(), new PathIntegral(start, manager));
                }
            }
        }

        void extend(StepView step) {
            for (LiveParameter parameter : step.parameters()) {
                PathIntegral integral = integrals.get(parameter.name());
                if (integral != null) {
                    try (NDArray gradient = parameter.gradient()) {
                        integral.extend(gradient, parameter.value());
                    }
                }
            }
        }

        void settle(TrainingView training) {
            for (LiveParameter parameter : training.parameters()) {
                PathIntegral integral = integrals.get(parameter.name());
                if (integral != null) {
                    integral.settle(parameter.value());
                }
            }
        }

        Map<String, NDArray> importance(FinishedTask task, double damping) {
            Map<String, NDArray> found = new LinkedHashMap<>();
            for (LiveParameter parameter : task.parameters()) {
                PathIntegral integral = integrals.get(parameter.name());
                NDArray start = begin.get(parameter.name());
                if (integral != null && start != null) {
                    NDArray importance = integral.decrease().maximum(0);
                    importance.attach(task.scratch());
                    try (NDArray scale = parameter.value().sub(start)) {
                        scale.powi(2);
                        scale.addi(damping);
                        importance.divi(scale);
                    }
                    found.put(parameter.name(), importance);
                }
            }
            return found;
        }
    }

    /** Builds a {@link PathIntegralImportance}. */
    public static final class Builder {

        private double damping = 0.1;

        Builder() {}

        /** Sets ξ, finite and above 0, in squared units of the parameters; 0.1 unless set. */
        public Builder optDamping(double damping) {
            this.damping = damping;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if the damping is not above 0
         */
        public PathIntegralImportance build() {
            if (!(damping > 0) || !Double.isFinite(damping)) {
                throw new InvalidOptionException(
                        "optDamping(" + damping + "): give a number above 0");
            }
            return new PathIntegralImportance(this);
        }
    }
}
