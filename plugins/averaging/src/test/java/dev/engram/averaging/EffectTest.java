package dev.engram.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import dev.engram.api.InvalidOptionException;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import dev.engram.tck.support.Said;
import dev.engram.tck.support.SmallModels;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody believes in an averaging that keeps nothing. */
class EffectTest {

    @ParameterizedTest
    @CsvSource({"0.25, false, 0.75", "1, true, 0"})
    void anAveragingThatKeepsNothingOfTheOldWeightsIsSaidLoudly(
            double share, boolean isLoud, double kept) {
        WeightAveraging guard =
                WeightAveraging.builder().optRule(AveragingRule.FIXED).optShare(share).build();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            assertThat(guard.effect()).isEmpty();
            String said = Said.by(() -> SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener));
            assertThat(said.contains("averaging kept next to NOTHING")).isEqualTo(isLoud);
            assertThat(guard.effect().orElseThrow().gradientShare()).isEqualTo(kept);
        }
    }

    @Test
    void whereEachWeightHasAShareOfItsOwnTheWayBackIsMeasured() {
        WeightAveraging guard = WeightAveraging.builder().optRule(AveragingRule.FISHER).build();
        try (Model model = SmallModels.model(SmallModels.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addGuard(guard).build()) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam());
            listener.remember(model);
            SmallTasks.fit(model, 0, 1, SmallModels.adam(), listener);
            // Of a base without data no weight weighs more than another.
            assertThat(guard.effect().orElseThrow().gradientShare()).isCloseTo(0.5, within(1e-5));
            SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener);
            assertThat(guard.effect().orElseThrow().gradientShare()).isBetween(0.01, 0.99);
        }
    }

    @Test
    void aBaseHasNoVoteOnProbesWithoutSamplesOfIt() {
        Map<String, ?> probes = Map.of("rule", "probes");
        try (Model model = SmallModels.model(SmallModels.mlp())) {
            SmallTasks.fit(model, 0, 1, SmallModels.adam());
            try (ForgettingListener listener =
                    ForgettingListener.builder().addStrategy("averaging", probes).build()) {
                assertThatThrownBy(() -> listener.remember(model))
                        .hasMessageContaining("needs samples")
                        .hasMessageContaining("rule kl");
            }
            WeightAveraging guard = WeightAveraging.builder().optRule(AveragingRule.PROBES).build();
            try (ForgettingListener listener =
                    ForgettingListener.builder().addGuard(guard).optBase(Base.PROTECT).build()) {
                assertThat(Said.by(() -> SmallTasks.fit(model, 1, 1, SmallModels.adam(), listener)))
                        .contains("averaging")
                        .contains("all remember(model, dataset)");
                // Nothing was averaged with the base.
                assertThat(guard.effect()).isEmpty();
            }
        }
    }

    @Test
    void optionsOutOfBoundsAreRefused() {
        assertThatThrownBy(() -> WeightAveraging.builder().optEma(1).build())
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("ema = 1.0");
    }
}
