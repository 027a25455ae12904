package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@link ImportanceEstimator} promises, tried on {@link SmallTasks}. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
@ExtendWith(RuleReport.class)
public abstract class EstimatorContract {

    private static final String CLOSE =
            "close what each operation makes, close or attach to a manager of yours what is"
                    + " replaced, and attach to task.scratch() what is returned";

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

    /**
     * Returns one to whose settings the state that {@link #estimator} writes means something else,
     * so that going on with it would spoil the importance without a word; nothing here, where no
     * setting does that.
     */
    protected Optional<ImportanceEstimator> ofOtherState() {
        return Optional.empty();
    }

    @Test
    @DisplayName("E1 MUST: every parameter has an importance of its shape, finite and 0 or more")
    void everyParameterHasAnImportanceOfItsShape() {
        Estimate found = trained();
        assertThat(found.values().keySet())
                .as("parameters with an importance")
                .containsExactlyInAnyOrderElementsOf(found.parameters());
        assertThat(found.misshapen()).as("parameters with one of another shape").isEmpty();
        found.values()
                .forEach(
                        (name, values) -> {
                            for (float value : values) {
                                assertThat(value)
                                        .as("an element of the importance of %s", name)
                                        .isFinite()
                                        .isGreaterThanOrEqualTo(0);
                            }
                        });
    }

    @Test
    @DisplayName("E2 MUST: parameters that matter have more than those that do not")
    void whatMattersHasMore() {
        Estimate found = trained();
        String name = found.parameters().iterator().next();
        // The first task looks at features 0 and 1; features 2 and 3 are always 0 in it.
        double needed = found.sumOfFeatures(name, 0, 2);
        assertThat(needed)
                .as("importance in %s of features that the task needs", name)
                .isPositive();
        assertThat(found.sumOfFeatures(name, 2, 4))
                .as("importance in %s of features that are always 0", name)
                .isLessThan(needed);
    }

    @Test
    @DisplayName("E3 MUST: what it returns goes with the scratch manager, and nothing else stays")
    void nothingStays() {
        assertThat(trained().elsewhere())
                .as("parameters whose importance is not attached to task.scratch()")
                .isEmpty();
        if (!listensToSteps()) {
            LoadedModel.requireNothingStays(this::estimator, CLOSE);
        }
        try (Model model = SmallTasks.model();
                DrivenEstimator driven = new DrivenEstimator(estimator())) {
            learnAndBreakOff(driven, model, 0);
            learnAndBreakOff(driven, model, 1);
            int before = LiveArrays.count();
            learnAndBreakOff(driven, model, 2);
            LiveArrays.requireStill(before, "a task more, and one that was broken off", CLOSE);
        }
    }

    private static void learnAndBreakOff(DrivenEstimator driven, Model model, int task) {
        driven.fit(model, task, 1);
        driven.breakOff(model, 3);
    }

    @Test
    @DisplayName("E4 MUST: the model is afterwards as it was, bit for bit")
    void theModelStaysAsItWas() {
        if (!listensToSteps()) {
            LoadedModel.requireItStays(this::estimator);
        }
        try (Model plain = SmallTasks.model();
                Model heard = SmallTasks.model();
                DrivenEstimator driven = new DrivenEstimator(estimator())) {
            SmallTasks.fit(plain, 0, 3);
            driven.fit(heard, 0, 3);
            Weights.of(heard)
                    .requireSame(
                            Weights.of(plain),
                            "while it listened, or in estimate(...), it changed gradients or"
                                    + " weights");
        }
    }

    @Test
    @DisplayName("E5 SHOULD: two estimates of the same task are equal")
    void twoEstimatesAreEqual() {
        Estimate other = trained();
        trained()
                .values()
                .forEach(
                        (name, values) ->
                                assertThat(other.values().get(name))
                                        .as("importance of %s", name)
                                        .containsExactly(values));
    }

    @Test
    @DisplayName(
            "E6 MUST: as a penalty it keeps what the unguarded control forgets, and a later task is"
                    + " learnt")
    void asAPenaltyItKeeps() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = penalised(estimator()).build()) {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS, listener);
            FirstTask.requireKept(model, new LaterTask(1, false), listener);
        }
    }

    @Test
    @DisplayName("E7 SHOULD: a later process goes on as this one would have, bit for bit")
    void aLaterProcessGoesOnAlike(@TempDir Path memory) {
        Weights throughout;
        try (Model model = SmallTasks.model();
                ForgettingListener listener = remembering(estimator(), memory.resolve("one"))) {
            fit(model, listener, 0, 1, 2);
            throughout = Weights.of(model);
        }
        try (Model model = SmallTasks.model()) {
            try (ForgettingListener first = remembering(estimator(), memory.resolve("two"))) {
                fit(model, first, 0);
            }
            // Only the third task shows whether the second was weighed as it would have been.
            try (ForgettingListener later = remembering(estimator(), memory.resolve("two"))) {
                fit(model, later, 1, 2);
                Weights.of(model)
                        .requireSame(
                                throughout,
                                "save(...) must write all that estimates of later tasks depend on,"
                                        + " and restore(...) take it in");
            }
        }
    }

    @Test
    @DisplayName("E8 MUST: steps leave the number of live arrays unchanged")
    void stepsLeakNothing() {
        try (Model model = SmallTasks.model();
                DrivenEstimator driven = new DrivenEstimator(estimator())) {
            driven.fit(model, 0, 1);
            try (Trainer trainer = driven.trainer(model)) {
                SmallTasks.steps(trainer, 1, 100);
                int before = LiveArrays.count();
                SmallTasks.steps(trainer, 1, 300);
                LiveArrays.requireStill(before, "300 steps", CLOSE);
            }
        }
    }

    @Test
    @DisplayName("E9 MUST: a task that is broken off leaves no trace in what comes after")
    void aBrokenOffTaskLeavesNoTrace() {
        Estimate undisturbed = second(false);
        assertThat(undisturbed.differences(second(true)))
                .as(
                        "parameters whose importance another task, which was broken off after 10"
                                + " steps, changed: begin each task with copies of what the last"
                                + " learnt one left, and take them over in estimate(...)")
                .isEmpty();
    }

    /** Returns the estimate of a second task. */
    private Estimate second(boolean afterABrokenOne) {
        try (Model model = SmallTasks.model();
                DrivenEstimator driven = new DrivenEstimator(estimator())) {
            driven.fit(model, 0, 3);
            if (afterABrokenOne) {
                driven.breakOff(model, 2);
            }
            return driven.fit(model, 1, 1);
        }
    }

    @Test
    @DisplayName("E10 MUST: state that its settings give another meaning is refused")
    void stateOfAnotherMeaningIsRefused(@TempDir Path memory) {
        Optional<ImportanceEstimator> other = ofOtherState();
        assumeTrue(other.isPresent(), "ofOtherState() gives none");
        try (Model model = SmallTasks.model()) {
            try (ForgettingListener first = remembering(estimator(), memory)) {
                fit(model, first, 0);
            }
            assertThatThrownBy(
                            () -> {
                                try (ForgettingListener later =
                                        remembering(other.orElseThrow(), memory)) {
                                    fit(model, later, 1);
                                }
                            })
                    .as("restore(...) under other settings: save such settings as text, compare")
                    .isInstanceOf(EngramException.class);
        }
    }

    private Estimate trained() {
        try (Model model = SmallTasks.model();
                DrivenEstimator driven = new DrivenEstimator(estimator())) {
            return driven.fit(model, 0, 3);
        }
    }

    private ForgettingListener.Builder penalised(ImportanceEstimator estimator) {
        return ForgettingListener.builder()
                .addGuard(
                        QuadraticPenaltyGuard.builder()
                                .setName("your-estimator")
                                .setImportance(estimator)
                                .optLambda(strength())
                                .build());
    }

    private ForgettingListener remembering(ImportanceEstimator estimator, Path memory) {
        return penalised(estimator).optMemory(memory).build();
    }

    private static void fit(Model model, ForgettingListener listener, int... tasks) {
        for (int task : tasks) {
            SmallTasks.fit(model, task, 3, listener);
        }
    }
}
