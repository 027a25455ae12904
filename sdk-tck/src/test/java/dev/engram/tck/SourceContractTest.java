package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.replay.ReplaySource;
import dev.engram.tck.ListedSamples.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound source passes each rule, and for each there is a wrong one that it catches. */
class SourceContractTest {

    private static Fault fault = Fault.NONE;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundSourcePassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    static final class Tried extends SourceContract {

        @Override
        protected ReplaySource source() {
            return new ListedSamples(fault);
        }
    }
}
