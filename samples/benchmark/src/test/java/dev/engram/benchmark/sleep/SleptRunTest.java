package dev.engram.benchmark.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DrawnDigits;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SleptRunTest {

    private static final Protocol SHORT =
            new Protocol("short", List.of(20), 32, 30, 0, 1e-2f, false);

    @ParameterizedTest
    @ValueSource(strings = {"er", "none"})
    void tellsWhatWasLearntForgottenAndWonBack(String strategy) {
        TaskSequence tasks =
                TaskSequence.split(DrawnDigits.draw(1500, 500, 1), Scenario.DOMAIN, 2, 1);
        SleepOptions options = new SleepOptions();
        options.probe = 60;
        SleptRun.Result result =
                new SleptRun(tasks, SHORT, strategy, 1, options).run().values().iterator().next();
        assertThat(result.learnt()).hasSize(5).allMatch(accuracy -> accuracy > 0.6);
        assertThat(result.before()).hasSize(5);
        assertThat(result.report().tried()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(SleptRun.Result.summary(strategy, List.of(result))).contains("of 1 seeds");
    }
}
