package dev.engram.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.api.metrics.Retention;
import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.DemoSentences;
import dev.engram.assistant.corpus.Sentence;
import dev.engram.assistant.encoder.Architecture;
import dev.engram.assistant.encoder.Base;
import dev.engram.assistant.encoder.Pretraining;
import dev.engram.assistant.training.Comparison;
import dev.engram.assistant.training.Learning;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The sample's own sentences, end to end. */
class DemoTest {

    private static final Architecture SMALL = new Architecture(1024, 64);

    @TempDir Path folder;

    @Test
    void domainsWithParametersOfTheirOwnAreNotForgottenAndAnswer() throws Exception {
        Curriculum curriculum = Curriculum.of(DemoSentences.read(), 3, 0);
        List<String> text =
                curriculum.domains().stream()
                        .flatMap(domain -> domain.train().stream())
                        .map(Sentence::text)
                        .toList();
        Base base = new Pretraining(SMALL, 2, 1).run(text, epoch -> {});
        Comparison comparison =
                new Comparison(
                        curriculum,
                        Scenario.TASK,
                        new Learning(10, 8, 5e-3f),
                        SMALL,
                        base,
                        new Presets(Map.of()),
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        assertThat(forgotten(comparison, "none")).isPositive();
        assertThat(forgotten(comparison, "lora")).isZero();
        assertThat(forgotten(comparison, "adapters")).isZero();
        assertThat(ask("lora", "--domain", "garden")).matches("garden, .+ \\(\\d+ %\\)\\s*");
        assertThat(ask("lora")).matches("(library|garden|bicycle), .+ \\(\\d+ %\\)\\s*");
    }

    private double forgotten(Comparison comparison, String strategy) throws Exception {
        AccuracyMatrix matrix = comparison.run(strategy, 1, folder.resolve(strategy)).matrix();
        return Retention.of(matrix).meanForgetting();
    }

    private String ask(String strategy, String... options) {
        PrintStream before = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            String model = folder.resolve(strategy).toString();
            int status =
                    new CommandLine(new AskCommand())
                            .execute(
                                    Stream.of(
                                                    List.of("--model", model),
                                                    List.of(options),
                                                    List.of("when do I water it"))
                                            .flatMap(List::stream)
                                            .toArray(String[]::new));
            assertThat(status).isZero();
        } finally {
            System.setOut(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
