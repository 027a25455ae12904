package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file is remembered before anything trained it, and stays as it was. */
class RememberedFileTest {

    @TempDir Path folder;

    private final GuardedTrainingTest.Points points = new GuardedTrainingTest.Points();

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "rwalk", "si", "der"})
    void aFileThatNothingTrainedYet(String strategy) throws Exception {
        try (Model model = model();
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            List<String> before = state(model);
            listener.remember(model, points.dataset(manager, 0, 1));
            assertThat(state(model)).isEqualTo(before);
            points.fit(model, 1, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void aFileIsProtectedWithoutDataOfItsOwn() throws Exception {
        try (Model model = model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc-online")
                                .optBase(Base.PROTECT)
                                .build()) {
            points.fit(model, 1, 2, listener);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(listener.effect("base-outputs").orElseThrow().penalty()).isPositive();
        }
    }

    private Model model() throws Exception {
        return Tasks.model(OnnxBlock.builder().setModel(GuardedTrainingTest.mlp(folder)).build());
    }

    private static List<String> state(Model model) {
        List<String> state = new ArrayList<>();
        for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
            NDArray array = entry.getValue().getArray();
            state.add(
                    "%s: %s, %s, %s"
                            .formatted(
                                    entry.getKey(),
                                    entry.getValue().requiresGradient(),
                                    array.hasGradient(),
                                    Arrays.hashCode(array.toByteArray())));
        }
        return state;
    }
}
