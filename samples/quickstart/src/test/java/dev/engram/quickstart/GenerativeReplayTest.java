package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.metrics.Retention;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.TaskSequence;
import dev.engram.scenarios.images.DrawnDigits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one plug-in makes, another one rehearses: new classes over time, and no sample kept. */
class GenerativeReplayTest {

    private static final TaskSequence TASKS =
            TaskSequence.split(DrawnDigits.draw(2000, 500, 1), Scenario.CLASS, 2, 1);
    private static final Protocol SHORT =
            new Protocol("split-mnist-500", List.of(64), 64, 60, 0, 1e-3f, false);

    /** Without protection the last two of ten classes are known. */
    private static final double UNGUARDED = 0.2;

    @ParameterizedTest
    @CsvSource({"er, mixture", "der-plus-plus, mixture", "er, vae", "der-plus-plus, vae"})
    void whoeverRehearsesTakesIt(String id, String source) {
        Map<String, Object> settings = new HashMap<>(Map.of("source", source, "share", 0.5));
        if (id.startsWith("der")) {
            settings.put(source + ".answers", 500);
        }
        if (source.equals("vae")) {
            settings.putAll(Map.of("vae.hidden", 64, "vae.iterations", 100));
        }
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy(id, settings).build()) {
            Retention kept =
                    Retention.of(
                            new SequenceRun(TASKS, SHORT, 1, listener, done -> {}).run().matrix());
            assertThat(kept.averageAccuracy()).isGreaterThan(UNGUARDED + 0.15);
        }
    }

    @Test
    void whoeverRehearsesTheTaskThatTrainsCannotTakeIt() {
        assertThatThrownBy(
                        ForgettingListener.builder()
                                        .addStrategy("er-ace", Map.of("source", "mixture"))
                                ::build)
                .hasMessageContaining("only when their task ends");
    }
}
