package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.engram.djl.ForgettingListenerBuilder;
import dev.engram.tck.Anchored.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound guard passes each rule, and for each there is a wrong one that it catches. */
class GuardContractTest {

    private static Fault fault = Fault.NONE;
    private static Class<?> searched = Anchored.class;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundGuardPassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    @Test
    void ruleG12FindsAReadOfTheDeviceInWhatABatchCalls() {
        fault = Fault.NONE;
        searched = Anchored.class;
        assertThat(Verdict.of(Tried.class, "G12")).isEqualTo(Status.SUCCESSFUL);
        searched = Reading.class;
        assertThat(Verdict.of(Tried.class, "G12")).isEqualTo(Status.FAILED);
    }

    static final class Tried extends GuardContract {

        @Override
        protected ForgettingListenerBuilder addTo(ForgettingListenerBuilder builder) {
            return builder.addGuard(new Anchored(fault));
        }

        @Override
        protected String name() {
            return "anchored";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(searched);
        }
    }

    /** Reads a value, two calls below a callback. */
    static final class Reading {

        void onBackward(NDArray gradient) {
            new Norm().of(gradient);
        }
    }

    static final class Norm {

        double of(NDArray gradient) {
            return gradient.sum().getFloat();
        }
    }
}
