package dev.engram.api.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.settings.Setting;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StrategyTest {

    @Test
    void aStrategyHasOnePartOnly() {
        ImportanceEstimator importance = task -> Map.of();
        Strategy strategy = Strategy.of(importance);
        assertThat(strategy.importance()).containsSame(importance);
        assertThat(strategy.guard()).isEmpty();
        assertThat(strategy.isolation()).isEmpty();
        assertThat(strategy.source()).isEmpty();
    }

    @Test
    void byHandThereAreNoPartsOfOtherStrategies() {
        Setting<Optional<String>> source = Setting.strategy("source", Role.SOURCE, "Source.");
        assertThat(StrategyParts.none().source(source)).isEmpty();
        assertThat(StrategyParts.none().importance(source)).isEmpty();
    }
}
