package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.util.Pair;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TorchScript model is remembered before anything trained it, and stays as it was. */
class RememberedScriptTest {

    @ParameterizedTest
    @CsvSource({"ewc, false", "ewc-online, true"})
    void aScriptThatNothingTrainedYet(String strategy, boolean child) throws Exception {
        try (Model script = SmallTasks.torchScript();
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy).build()) {
            if (child) {
                script.setBlock(new SequentialBlock().add(script.getBlock()));
            }
            List<String> before = state(script);
            listener.remember(script, Toy.dataset(script.getNDManager(), 0, 64));
            assertThat(state(script)).isEqualTo(before);
            Toy.fit(script, 1, 2, Toy.adam(), listener);
            assertThat(listener.effect(strategy).orElseThrow().penalty()).isPositive();
        }
    }

    @Test
    void aScriptIsProtectedWithoutDataOfItsOwn() throws Exception {
        try (Model script = SmallTasks.torchScript();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc-online")
                                .optBase(Base.PROTECT)
                                .build()) {
            Toy.fit(script, 1, 2, Toy.adam(), listener);
            assertThat(listener.tasks()).hasSize(2);
            assertThat(listener.effect("base-outputs").orElseThrow().penalty()).isPositive();
        }
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
