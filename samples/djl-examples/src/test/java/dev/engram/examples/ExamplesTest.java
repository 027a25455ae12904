package dev.engram.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.examples.Example.Retention;
import dev.engram.examples.Example.Setup;
import dev.engram.scenarios.command.Sample;
import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.IdxFolder;
import dev.engram.scenarios.images.TrainAndTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DJL's examples in their short form, unguarded and with one line added. */
class ExamplesTest {

    private static final TrainAndTest DIGITS = digits();

    @ParameterizedTest
    @ValueSource(
            strings = {"mnist", "mnist-lstm", "captcha", "transfer", "time-series", "tic-tac-toe"})
    void withOneLineAddedAnExampleKeepsMoreOfItsFirstTask(String name) throws Exception {
        Example example = Examples.example(name);
        Setup setup = new Setup(DIGITS, 1, true);
        Retention plain = Examples.unguarded(example, setup);
        Retention guarded =
                Examples.guarded(example, setup, example.strategy(), example.overrides());
        assertThat(guarded.learnt())
                .as("the first task is learnt as without the listener")
                .isEqualTo(plain.learnt());
        assertThat(lost(plain)).as("unguarded forgets: %s", plain).isGreaterThan(0.05);
        assertThat(lost(guarded))
                .as("unguarded %s, guarded %s", plain, guarded)
                .isLessThan(0.7 * lost(plain));
    }

    @Test
    void badInputEndsInOneLineAndExitCodeTwo() {
        assertThat(Sample.run(new Examples(), "mnits")).isEqualTo(2);
        assertThat(Sample.run(new Examples(), "--data", "absent", "mnist")).isEqualTo(2);
    }

    private static double lost(Retention kept) {
        return kept.learnt() - kept.kept();
    }

    private static TrainAndTest digits() {
        Path real = Path.of(System.getProperty("engram.test.data", "."), "mnist");
        return Files.isDirectory(real)
                ? new IdxFolder(real).read()
                : DrawnDigits.draw(6_000, 2_000, 1);
    }
}
