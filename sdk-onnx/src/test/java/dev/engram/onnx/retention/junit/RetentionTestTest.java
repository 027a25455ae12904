package dev.engram.onnx.retention.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.Digits;
import dev.engram.onnx.retention.PairedComparison;
import dev.engram.onnx.retention.TaskSamples;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs tests as a build runs them. */
class RetentionTestTest {

    @TempDir static Path folder;

    private static TestExecutionSummary run(String method) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        selectMethod(
                                                Release.class,
                                                method,
                                                "dev.engram.onnx.retention.PairedComparison"))
                                .configurationParameter("junit.jupiter.conditions.deactivate", "*")
                                .build(),
                        listener);
        return listener.getSummary();
    }

    @Test
    void aBuildFailsForTheTaskThatFellAndOnlyForThat() {
        TestExecutionSummary summary = run("forgets");
        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
        assertThat(summary.getTestsFailedCount()).isEqualTo(1);
        TestExecutionSummary.Failure failure = summary.getFailures().get(0);
        assertThat(failure.getTestIdentifier().getDisplayName()).startsWith("ones: 100.0 % -> 0.0");
        assertThat(failure.getException())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("fell by")
                .hasMessageContaining("allowed are 5.0: FELL");
    }

    @Test
    void aBuildPassesWhereNothingFell() {
        TestExecutionSummary summary = run("keeps");
        assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
        assertThat(summary.getTotalFailureCount()).isZero();
    }

    @Test
    void tooFewSamplesFailWhereAProofIsRequired() {
        TestExecutionSummary summary = run("cannotProve");
        assertThat(summary.getTestsFailedCount()).isEqualTo(2);
        assertThat(summary.getFailures().get(0).getException()).hasMessageContaining("UNDECIDED");
    }

    /** A new model that confuses ones. */
    static class Confused implements RetentionSubject {

        @Override
        public DeployedModel before() {
            return DeployedModel.of(Digits.model(folder.resolve("v1.onnx"), false));
        }

        @Override
        public DeployedModel after() {
            return DeployedModel.of(Digits.model(folder.resolve("v2.onnx"), true));
        }

        @Override
        public List<TaskSamples> tasks() {
            return List.of(Digits.samples("zeros", 60, 0), Digits.samples("ones", 60, 1));
        }
    }

    @Test
    void aModelComparedWithItselfFailsTheBuild() {
        assertThat(run("itself").getFailures().get(0).getException())
                .hasMessageContaining("Itself")
                .hasMessageContaining("a file of the same bytes")
                .hasMessageContaining("nothing would be tested");
    }

    @Test
    void subjectsThatGiveNothingFailTheBuildAndAreNamed() {
        assertThat(run("nothing").getFailures().get(0).getException())
                .hasMessageContaining("Nothing tasks() returned null");
    }

    /** The same file again, under another name. */
    static final class Itself extends Confused {

        @Override
        public DeployedModel after() {
            return DeployedModel.of(Digits.model(folder.resolve("v3.onnx"), false));
        }
    }

    /** Tasks that somebody forgot. */
    static final class Nothing extends Confused {

        @Override
        @SuppressWarnings("NullAway")
        public List<TaskSamples> tasks() {
            return null;
        }
    }

    /** Another model with the same answers. */
    static final class Same implements RetentionSubject {

        @Override
        public DeployedModel before() {
            return DeployedModel.of(Digits.model(folder.resolve("v1.onnx"), false));
        }

        @Override
        public DeployedModel after() {
            return DeployedModel.of(Digits.scaled(folder.resolve("v2.onnx")));
        }

        @Override
        public List<TaskSamples> tasks() {
            return List.of(Digits.samples("zeros", 60, 0), Digits.samples("ones", 60, 1));
        }
    }

    /** Run by the tests above only, which deactivate the condition. */
    @Disabled("Two of its tests must fail")
    static class Release {

        @RetentionTest(value = Confused.class, allowedPoints = 5)
        void forgets(PairedComparison task) {
            assertThat(task.task()).isEqualTo("zeros");
        }

        @RetentionTest(value = Same.class, allowedPoints = 5)
        void keeps(PairedComparison task) {
            assertThat(task.fall()).isZero();
        }

        @RetentionTest(value = Itself.class, allowedPoints = 5)
        void itself(PairedComparison task) {
            throw new AssertionError("The subject comes first");
        }

        @RetentionTest(value = Nothing.class, allowedPoints = 5)
        void nothing(PairedComparison task) {
            throw new AssertionError("The subject comes first");
        }

        @RetentionTest(value = Same.class, allowedPoints = 0.1, proofRequired = true)
        void cannotProve(PairedComparison task) {
            throw new AssertionError("The limit comes first");
        }
    }
}
