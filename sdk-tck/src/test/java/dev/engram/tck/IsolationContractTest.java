package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.tck.AddedLinear.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound isolation passes each rule, and for each there is a wrong one that it catches. */
class IsolationContractTest {

    private static Fault fault = Fault.NONE;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundIsolationPassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        // It cannot be built into the base, which is right as well.
        Status sound = rule == Fault.I8 ? Status.ABORTED : Status.SUCCESSFUL;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(sound);
        fault = rule;
        Status wrong = Verdict.of(Tried.class, rule.name());
        assertThat(wrong).as("wrong").isEqualTo(Status.FAILED);
    }

    static final class Tried extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return new AddedLinear(fault);
        }
    }
}
