package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that was only read, and one of which parts are frozen for a while. */
class FrozenParametersTest {

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    private OnnxBlock block() throws Exception {
        return OnnxBlock.builder().setModel(GuardedTrainingTest.mlp(folder)).build();
    }

    private static ForgettingListener listener(String strategy) {
        return ForgettingListener.builder().addStrategy(strategy).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "ewc", "si", "er", "a-gem"})
    void aFileThatNobodyTrainedIsRemembered(String strategy) throws Exception {
        OnnxBlock block = block();
        Map<String, byte[]> before = TwoTasks.values(block);
        try (Model model = Tasks.model(block);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = listener(strategy)) {
            listener.remember(model, points.dataset(manager, 0, 0));
            assertThat(TwoTasks.values(block)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(block.getParameters().values()).allMatch(Parameter::requiresGradient);
            points.fit(model, 1, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "er", "lora"})
    void aWeightThatIsFrozenForATaskTrainsInTheNext(String strategy) throws Exception {
        OnnxBlock block = block();
        Parameter first = block.getParameters().valueAt(0);
        byte[] before = first.getArray().toByteArray();
        try (Model model = Tasks.model(block);
                ForgettingListener listener = listener(strategy)) {
            first.freeze(true);
            points.fit(model, 0, 1, listener);
            assertThat(first.getArray().toByteArray()).isEqualTo(before);
            first.freeze(false);
            points.fit(model, 1, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
            if (!strategy.equals("lora")) {
                assertThat(first.getArray().toByteArray()).isNotEqualTo(before);
            }
        }
    }

    /** One word, no data: what the file can do counts as a task before the first of its own. */
    @Test
    void whatAFileCanDoIsProtectedWithoutItsData() throws Exception {
        OnnxBlock block = block();
        try (Model model = Tasks.model(block);
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc-online")
                                .optBase(Base.PROTECT)
                                .build()) {
            points.fit(model, 1, 2, listener);
            assertThat(listener.tasks())
                    .extracting(LearntTask::name)
                    .containsExactly("base", "task-1");
            assertThat(listener.effect("base-outputs").orElseThrow().penalty()).isPositive();
        }
    }
}
