package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.Anchored.Fault;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound guard passes each rule, and for each there is a wrong one that it catches. */
class GuardContractTest {

    private static Fault fault = Fault.NONE;
    private static Class<?> searched = Anchored.class;
    private static boolean actsAtSteps = true;
    private static boolean actsThroughNewInputs;

    @AfterEach
    void sound() {
        fault = Fault.NONE;
        searched = Anchored.class;
        actsAtSteps = true;
        actsThroughNewInputs = false;
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundGuardPassAndCatchesAWrongOne(Fault rule) {
        fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    @ParameterizedTest
    @ValueSource(classes = {Reading.class, ReadingLoss.class, ReadingUpdate.class})
    void ruleG12FindsAReadOfTheDeviceInWhatABatchCalls(Class<?> reading) {
        fault = Fault.NONE;
        searched = Anchored.class;
        assertThat(Verdict.of(Tried.class, "G12")).isEqualTo(Status.SUCCESSFUL);
        searched = reading;
        assertThat(Verdict.of(Tried.class, "G12")).isEqualTo(Status.FAILED);
    }

    @Test
    void whatActsWhenATaskEndsNeedHaveNoEffectAtTheSteps() {
        fault = Fault.G4;
        actsAtSteps = false;
        assertThat(Verdict.of(Tried.class, "G4")).isEqualTo(Status.ABORTED);
        fault = Fault.G8_IDLE;
        assertThat(Verdict.of(Tried.class, "G8")).isEqualTo(Status.SUCCESSFUL);
    }

    @Test
    void ruleG3CatchesWhoStopsAllTrainingWhereTheLaterInputsAreTheFirstTasksToo() {
        actsThroughNewInputs = true;
        assertThat(Verdict.of(Tried.class, "G3")).as("sound").isEqualTo(Status.SUCCESSFUL);
        fault = Fault.G3_STOPS;
        assertThat(Verdict.of(Tried.class, "G3")).as("wrong").isEqualTo(Status.FAILED);
    }

    /** It changes no gradient and states no penalty: its share in the updates is its effect. */
    @Test
    void ruleG4LetsAGuardPassThatActsOnUpdatesAlone() {
        assertThat(Verdict.of(TriedOnUpdates.class, "G4")).isEqualTo(Status.SUCCESSFUL);
    }

    static final class TriedOnUpdates extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addGuard(new Slowed());
        }

        @Override
        protected String name() {
            return "slowed";
        }
    }

    static final class Tried extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addGuard(new Anchored(fault));
        }

        @Override
        protected String name() {
            return "anchored";
        }

        @Override
        protected boolean actsAtSteps() {
            return actsAtSteps;
        }

        @Override
        protected boolean actsThroughNewInputs() {
            return actsThroughNewInputs;
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

    static final class ReadingLoss {

        Optional<NDArray> onLoss(NDArray loss) {
            return loss.getFloat() > 0 ? Optional.of(loss) : Optional.empty();
        }
    }

    static final class ReadingUpdate {

        void onUpdate(NDArray update) {
            new Norm().of(update);
        }
    }

    static final class Norm {

        double of(NDArray gradient) {
            return gradient.sum().getFloat();
        }
    }
}
