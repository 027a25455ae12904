package dev.engram.averaging;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.SmallModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A head that got more classes: the old rows are averaged, the new ones are as they were learnt.
 */
class GrowingHeadTest {

    private static final int MORE = SmallTasks.CLASSES + 2;

    @TempDir private Path memory;

    @ParameterizedTest
    @EnumSource
    void everyRuleGoesOnOverAHeadThatHasGrown(AveragingRule rule) {
        Map<String, ?> settings = Map.of("rule", rule, "probes", 8);
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            try (ForgettingListener listener = with(settings).optMemory(memory).build()) {
                SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            }
            try (Model grown = SmallModels.model(SmallModels.grown(model, MORE));
                    ForgettingListener listener = with(settings).optMemory(memory).build()) {
                SmallTasks.fit(grown, 1, 1, SmallModels.adam(), listener);
                SmallTasks.fit(grown, 2, 1, SmallModels.adam(), listener);
                assertThat(listener.tasks()).hasSize(3);
                assertThat(SmallModels.isFinite(grown)).isTrue();
            }
        }
    }

    @Test
    void newRowsAreFreeWhereOldOnesGoBack() {
        Map<String, ?> back = Map.of("rule", "fixed", "share", 0);
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener = with(back).optBase(Base.IGNORE).build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            int old = head(model).length;
            try (Model grown = SmallModels.model(SmallModels.grown(model, MORE))) {
                float[] begin = head(grown);
                SmallTasks.fit(grown, 1, 1, SmallModels.adam(), listener);
                float[] end = head(grown);
                assertThat(Arrays.copyOf(end, old)).isEqualTo(Arrays.copyOf(begin, old));
                assertThat(Arrays.copyOfRange(end, old, end.length))
                        .isNotEqualTo(Arrays.copyOfRange(begin, old, begin.length));
            }
        }
    }

    private static ForgettingListener.Builder with(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("averaging", settings);
    }

    private static float[] head(Model model) {
        return model.getBlock().getParameters().get("03Linear_weight").getArray().toFloatArray();
    }
}
