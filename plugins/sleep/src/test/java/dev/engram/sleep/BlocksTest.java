package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import dev.engram.kit.evaluation.TwinnedBlock;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models of other blocks than linear layers sleep, too. */
class BlocksTest {

    private final NDManager data = NDManager.newBaseManager();
    private Model teacher;

    @BeforeEach
    void teach() {
        teacher = SmallTasks.model();
        SmallTasks.fit(teacher, 0, 10);
    }

    @AfterEach
    void close() {
        teacher.close();
        data.close();
    }

    private Sleep.Builder sleep() {
        return Sleep.builder()
                .addProbe(KnownSource.name(0), SmallTasks.dataset(data, 0))
                .addProbe(KnownSource.name(1), SmallTasks.dataset(data, 1))
                .addSource(new KnownSource(0, 1))
                .addTeacher("of other blocks", teacher)
                .optMargin(0.1)
                .optLearningRate(3e-3)
                .optSteps(150);
    }

    @Test
    void aTorchScriptModelLearnsAndHasItsValuesAgainWhereItMayNot() {
        try (Model model = SmallTasks.torchScript()) {
            SmallTasks.fit(model, 1, 10);
            double first = SmallTasks.accuracy(model, 0);
            String before = Forgotten.sum(model);
            assertThat(sleep().build().dryRun(model).isAccepted()).isTrue();
            assertThat(Forgotten.sum(model)).isEqualTo(before);
            Sleep sleep = sleep().build();
            int arrays = LiveArrays.count();
            SleepReport report = sleep.consolidate(model);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
            assertThat(SmallTasks.accuracy(model, 0)).isGreaterThan(first + 0.1);
            assertThat(LiveArrays.count()).isEqualTo(arrays);
            SmallTasks.fit(model, 1, 1);
        }
    }

    @Test
    void anInterruptedTorchScriptModelHasItsValuesAgain() {
        try (Model model = SmallTasks.torchScript()) {
            SmallTasks.fit(model, 1, 5);
            String before = Forgotten.sum(model);
            SleepReport report =
                    sleep().optProgress(new Interrupting(3)).build().consolidate(model);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(report.outcome()).isEqualTo(SleepOutcome.INTERRUPTED);
            assertThat(Forgotten.sum(model)).isEqualTo(before);
        }
    }

    @Test
    void runningStatisticsStayAndDropoutIsOff() {
        try (Model model = SmallTasks.model(normed())) {
            SmallTasks.fit(model, 1, 10);
            var mean = model.getBlock().getParameters().get("02BatchNorm_runningMean").getArray();
            float[] before = mean.toFloatArray();
            SleepReport report = sleep().build().consolidate(model);
            assertThat(report.isAccepted()).as(report.toString()).isTrue();
            assertThat(mean.toFloatArray()).isEqualTo(before);
        }
    }

    private static SequentialBlock normed() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Dropout.builder().optRate(0.3f).build())
                .add(Linear.builder().setUnits(SmallTasks.CLASSES).build());
    }

    @Test
    void aModelOfWhichNothingTrainsIsRefused() {
        try (Model model = SmallTasks.model()) {
            SmallTasks.fit(model, 1, 1);
            model.getBlock().freezeParameters(true);
            assertThatThrownBy(() -> sleep().build().consolidate(model))
                    .hasMessageContaining("No parameter of the model trains");
        }
    }

    @Test
    void aModelWithParametersForEachTaskIsRefused() {
        Object installed =
                Proxy.newProxyInstance(
                        TwinnedBlock.class.getClassLoader(),
                        new Class<?>[] {TwinnedBlock.class},
                        (block, method, arguments) -> method.invoke(teacher.getBlock(), arguments));
        try (Model model = SmallTasks.model((TwinnedBlock) installed)) {
            assertThatThrownBy(() -> sleep().build().consolidate(model))
                    .hasMessageContaining("Tasks with parameters of their own are installed");
        }
    }
}
