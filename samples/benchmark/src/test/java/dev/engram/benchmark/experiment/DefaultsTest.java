package dev.engram.benchmark.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.benchmark.results.RunResult;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.DrawnTextures;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every strategy with the settings that a user gets who sets nothing, on images drawn here. */
class DefaultsTest {

    private static final TrainAndTest DIGITS = DrawnDigits.draw(4_000, 1_000, 1);
    private static final TrainAndTest TEXTURES = DrawnTextures.draw(4_000, 1_000, 1);
    private static final Protocol PERMUTED =
            new Protocol("permuted-mnist-10", List.of(100), 64, 0, 2, 1e-3f, false);
    private static final Protocol SPLIT =
            new Protocol("split-mnist-500", List.of(100, 100), 64, 100, 0, 1e-3f, false);

    private static final RunResult PERMUTED_PLAIN = run(DIGITS, PERMUTED, Scenario.DOMAIN, "none");
    private static final RunResult SPLIT_PLAIN = run(DIGITS, SPLIT, Scenario.TASK, "none");
    private static final RunResult TEXTURES_PLAIN =
            run(TEXTURES, PERMUTED, Scenario.DOMAIN, "none");

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "er"})
    void onPermutedDigitsTheAverageRises(String strategy) {
        RunResult guarded = run(DIGITS, PERMUTED, Scenario.DOMAIN, strategy);
        assertThat(guarded.accuracy()).isGreaterThan(PERMUTED_PLAIN.accuracy() + 0.05);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "mas", "er"})
    void whereTheTaskIsKnownMostOfTheForgettingGoes(String strategy) {
        RunResult guarded = run(DIGITS, SPLIT, Scenario.TASK, strategy);
        assertThat(guarded.accuracy()).isGreaterThan(SPLIT_PLAIN.accuracy());
        assertThat(guarded.meanForgetting).isLessThan(0.3 * SPLIT_PLAIN.meanForgetting);
    }

    /** Textures have another statistic in all: what suits digits only would fail here. */
    @ParameterizedTest
    @ValueSource(strings = {"ewc-online", "si", "er"})
    void onPermutedTexturesTheAverageRises(String strategy) {
        RunResult guarded = run(TEXTURES, PERMUTED, Scenario.DOMAIN, strategy);
        assertThat(guarded.accuracy()).isGreaterThan(TEXTURES_PLAIN.accuracy() + 0.1);
    }

    private static RunResult run(
            TrainAndTest images, Protocol protocol, Scenario scenario, String strategy) {
        return new Experiment(protocol, scenario, Presets.none(Map.of()), images)
                .run(List.of(strategy), List.of(11))
                .get(0);
    }
}
