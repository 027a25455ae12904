package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.ForgettingListenerBuilder;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link ImportanceEstimator} promises, tried on {@link SmallTasks}. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public abstract class EstimatorContract {

    /** Creates the contract. */
    protected EstimatorContract() {}

    /** Returns a new estimator. */
    protected abstract ImportanceEstimator estimator();

    /** Returns the strength at which the penalty is tried; 10 here. */
    protected double strength() {
        return 10;
    }

    /**
     * Returns whether it needs the steps of the training itself, as a path integral does, so that a
     * model that only was loaded has no importance; no here.
     */
    protected boolean listensToSteps() {
        return false;
    }

    @Test
    @DisplayName("E1 MUST: every parameter has an importance of its shape, finite and 0 or more")
    void everyParameterHasAnImportanceOfItsShape() {
        Trained trained = new Trained(estimator());
        trained.fit();
        assertThat(trained.names).isEqualTo(trained.found.keySet());
        trained.found.forEach(
                (name, values) -> {
                    assertThat(trained.shapes.get(name)).as("shape of %s", name).isTrue();
                    for (float value : values) {
                        assertThat(value).as(name).isFinite().isGreaterThanOrEqualTo(0);
                    }
                });
    }

    @Test
    @DisplayName("E2 MUST: parameters that matter have more than those that do not")
    void whatMattersHasMore() {
        Trained trained = new Trained(estimator());
        trained.fit();
        String name = trained.names.iterator().next();
        float[] first = trained.found.getOrDefault(name, new float[0]);
        // The first task looks at features 0 and 1; features 2 and 3 are always 0 in it.
        assertThat(columns(first, 0, 2)).isGreaterThan(0);
        assertThat(columns(first, 2, 4)).isLessThan(columns(first, 0, 2));
    }

    @Test
    @DisplayName("E3 MUST: what it returns goes with the scratch manager, and nothing else stays")
    void nothingStays() {
        assumeTrue(!listensToSteps(), "it needs the steps of the training itself");
        try (Model model = trainedModel();
                ImportanceEstimator estimator = estimator()) {
            FinishedTaskProbe.remember(
                    model,
                    0,
                    task ->
                            assertThat(estimator.estimate(task).values())
                                    .allMatch(one -> one.getManager() == task.scratch()));
            int before = LiveArrays.count();
            FinishedTaskProbe.remember(model, 0, estimator::estimate);
            assertThat(LiveArrays.count()).isEqualTo(before);
        }
    }

    @Test
    @DisplayName("E4 MUST: the model is afterwards as it was, bit for bit")
    void theModelStaysAsItWas() {
        assumeTrue(!listensToSteps(), "it needs the steps of the training itself");
        try (Model model = trainedModel();
                ImportanceEstimator estimator = estimator()) {
            Weights before = Weights.of(model);
            FinishedTaskProbe.remember(model, 0, estimator::estimate);
            assertThat(Weights.of(model).same(before)).isTrue();
        }
    }

    @Test
    @DisplayName("E5 SHOULD: two estimates of the same task are equal")
    void twoEstimatesAreEqual() {
        Trained one = new Trained(estimator());
        Trained other = new Trained(estimator());
        one.fit();
        other.fit();
        one.found.forEach(
                (name, values) ->
                        assertThat(other.found.get(name)).as(name).containsExactly(values));
    }

    @Test
    @DisplayName(
            "E6 MUST: as a penalty it keeps what the unguarded control forgets, and a later task is"
                    + " learnt")
    void asAPenaltyItKeeps() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = penalised().build()) {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS, listener);
            FirstTask.requireKept(model, new LaterTask(1, false), listener);
        }
    }

    @Test
    @DisplayName("E7 SHOULD: a later process goes on as this one would have, bit for bit")
    void aLaterProcessGoesOnAlike(@TempDir Path memory) {
        Weights throughout;
        try (Model model = SmallTasks.model();
                ForgettingListener listener =
                        penalised().optMemory(memory.resolve("one")).build()) {
            fit(model, listener, 0, 1, 2);
            throughout = Weights.of(model);
        }
        try (Model model = SmallTasks.model()) {
            try (ForgettingListener first = penalised().optMemory(memory.resolve("two")).build()) {
                fit(model, first, 0);
            }
            // Only the third task shows whether the second was weighed as it would have been.
            try (ForgettingListener later = penalised().optMemory(memory.resolve("two")).build()) {
                fit(model, later, 1, 2);
                assertThat(Weights.of(model).same(throughout)).isTrue();
            }
        }
    }

    private ForgettingListenerBuilder penalised() {
        return ForgettingListener.builder()
                .addGuard(
                        QuadraticPenaltyGuard.builder()
                                .setName("tried")
                                .setImportance(estimator())
                                .optLambda(strength())
                                .build());
    }

    private static void fit(Model model, ForgettingListener listener, int... tasks) {
        for (int task : tasks) {
            SmallTasks.fit(model, task, 3, listener);
        }
    }

    private static Model trainedModel() {
        Model model = SmallTasks.model();
        SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS);
        return model;
    }

    /** Sums an importance of (hidden units, features) over some features. */
    private static double columns(float[] importance, int from, int to) {
        double sum = 0;
        for (int i = 0; i < importance.length; i++) {
            int feature = i % SmallTasks.FEATURES;
            sum += feature >= from && feature < to ? importance[i] : 0;
        }
        return sum;
    }

    /** A task that trains with the estimator listening, and what it says at the end. */
    private static final class Trained {

        private final ImportanceEstimator estimator;
        private final Map<String, float[]> found = new LinkedHashMap<>();
        private final Map<String, Boolean> shapes = new LinkedHashMap<>();
        private Set<String> names = Set.of();

        Trained(ImportanceEstimator estimator) {
            this.estimator = estimator;
        }

        void fit() {
            try (Model model = SmallTasks.model();
                    ForgettingListener listener =
                            ForgettingListener.builder().addGuard(new Driving(this)).build()) {
                SmallTasks.fit(model, 0, 3, listener);
            }
        }

        void take(FinishedTask task) {
            List<LiveParameter> parameters = task.parameters();
            Map<String, NDArray> importance = estimator.estimate(task);
            names = new LinkedHashSet<>();
            for (LiveParameter parameter : parameters) {
                names.add(parameter.name());
                NDArray values = importance.get(parameter.name());
                if (values != null) {
                    shapes.put(
                            parameter.name(),
                            values.getShape().equals(parameter.value().getShape()));
                }
            }
            importance.forEach((name, values) -> found.put(name, values.toFloatArray()));
        }
    }

    /** Drives an estimator as a penalty would, and edits nothing. */
    private static final class Driving extends FinishedTaskProbe {

        private final ImportanceEstimator estimator;

        Driving(Trained trained) {
            super(trained::take);
            this.estimator = trained.estimator;
        }

        @Override
        public boolean needsSamples() {
            return estimator.needsSamples();
        }

        @Override
        public void onTaskBegin(TrainingView training) {
            estimator.onTaskBegin(training);
        }

        @Override
        public void onGradient(StepView step) {
            estimator.onBackward(step);
        }

        @Override
        public void onStep(TrainingView training) {
            estimator.onStep(training);
        }

        @Override
        public void onEpoch(TrainingView training) {
            estimator.onEpoch(training);
        }

        @Override
        public void close() {
            estimator.close();
        }
    }
}
