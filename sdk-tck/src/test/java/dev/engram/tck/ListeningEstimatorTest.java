package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.tck.ListeningSquares.Fault;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** Each rule catches an estimator that listens to the steps and does it wrong. */
class ListeningEstimatorTest {

    private static Fault fault = Fault.NONE;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundEstimatorPassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    @Test
    void whatFailsOrIsSkippedSaysWhichRuleAndWhy() {
        fault = Fault.E3;
        assertThat(Verdict.message(Tried.class, "E3"))
                .startsWith("E3 MUST: what it returns goes with the scratch manager")
                .contains("01Linear_weight")
                .contains("not attached to task.scratch()");
        fault = Fault.E8;
        assertThat(Verdict.message(Tried.class, "E8"))
                .startsWith("E8 MUST: steps leave the number of live arrays unchanged")
                .contains("arrays left open by 300 steps");
        fault = Fault.E7;
        assertThat(Verdict.message(Tried.class, "E7"))
                .startsWith("E7 SHOULD: ")
                .contains("parameters that differ: save(...) must write")
                .contains("01Linear_weight (by up to ");
        fault = Fault.E7_VERSION;
        assertThat(Verdict.message(Tried.class, "E7"))
                .startsWith("E7 SHOULD: ")
                .contains("states version 0 of its state: 1 is the first");
        fault = Fault.NONE;
        assertThat(Verdict.message(WithoutOther.class, "E10"))
                .isEqualTo(
                        "E10 MUST: state that its settings give another meaning is refused:"
                                + " ofOtherState() gives none");
    }

    static final class WithoutOther extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return new ListeningSquares(fault, "square");
        }
    }

    static final class Tried extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return new ListeningSquares(fault, "square");
        }

        @Override
        protected boolean listensToSteps() {
            return true;
        }

        @Override
        protected Optional<ImportanceEstimator> ofOtherState() {
            return Optional.of(new ListeningSquares(fault, "magnitude"));
        }
    }
}
