package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.tck.SquaredGradients.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound estimator passes each rule, and for each there is a wrong one that it catches. */
class EstimatorContractTest {

    private static Fault fault = Fault.NONE;
    private static boolean isReversed;

    @AfterEach
    void inOrder() {
        isReversed = false;
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundEstimatorPassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    @Test
    void ruleE2LooksAtTheModelsFirstParameterWhateverOneIsNamedFirst() {
        fault = Fault.NONE;
        isReversed = true;
        assertThat(Verdict.of(Tried.class, "E2")).isEqualTo(Status.SUCCESSFUL);
    }

    static final class Tried extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return new SquaredGradients(fault, isReversed || fault == Fault.E2_REVERSED);
        }
    }
}
