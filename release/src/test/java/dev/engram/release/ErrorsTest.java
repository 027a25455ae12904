package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages that docs/errors.md explains are those that the code has. */
class ErrorsTest {

    private static final Path PAGE = Modules.root().resolve("docs/errors.md");
    private static final String VARIABLE = "…";
    private static final String TEXTS =
            Modules.published().stream()
                    .flatMap(module -> sources(module.resolve("src/main/java")))
                    .map(ErrorsTest::texts)
                    .collect(Collectors.joining("\n"));

    static List<String> messages() {
        return new MarkdownPage(PAGE).quotations();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theFixedWordsOfAMessageAreInTheSource(String message) {
        assertThat(message.split(VARIABLE, -1))
                .anySatisfy(words -> assertThat(words).hasSizeGreaterThan(12))
                .allMatch(TEXTS::contains);
    }

    private static Stream<Path> sources(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts texts together that are split over lines, and makes what they print of them. */
    private static String texts(Path source) {
        try {
            return Files.readString(source)
                    .replaceAll("\"\\s*\\+\\s*\"", "")
                    .replace("\\n", " ")
                    .replace("\\\"", "\"")
                    .replaceAll("\\s+", " ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
