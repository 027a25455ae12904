package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.tck.EstimatorContract;
import dev.engram.tck.GuardContract;
import dev.engram.tck.IsolationContract;
import dev.engram.tck.ProviderContract;
import dev.engram.tck.SourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/writing-a-plugin.md shows what samples/custom-plugin has, and the rules of the TCK. */
class WritingAPluginTest {

    private static final Path PAGE = Modules.root().resolve("docs/writing-a-plugin.md");
    private static final Path SAMPLE = Modules.root().resolve("samples/custom-plugin");
    private static final Pattern SNIPPET =
            Pattern.compile("(?s)<!-- from (\\S+) -->\n```\\w+\n(.*?)\n```");
    private static final Pattern ELISION = Pattern.compile(" *// …\n?");
    private static final List<Class<?>> CONTRACTS =
            List.of(
                    ProviderContract.class,
                    GuardContract.class,
                    EstimatorContract.class,
                    SourceContract.class,
                    IsolationContract.class);

    /** A piece of a file that the page shows. */
    record Snippet(String file, String text) {}

    static List<Snippet> snippets() throws IOException {
        return SNIPPET.matcher(Files.readString(PAGE))
                .results()
                .map(found -> new Snippet(found.group(1), found.group(2)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void aSnippetIsInTheSampleAsItIsShown(Snippet snippet) throws IOException {
        String source = Files.readString(Modules.root().resolve(snippet.file()));
        int at = 0;
        for (String part : ELISION.splitAsStream(snippet.text()).toList()) {
            String shown = part.stripTrailing();
            assertThat(source.substring(at)).contains(shown);
            at = source.indexOf(shown, at) + shown.length();
        }
    }

    @Test
    void theRulesAreThoseOfTheContractTests() throws IOException {
        List<String> page = Files.readAllLines(PAGE);
        for (Class<?> contract : CONTRACTS) {
            GeneratedPart rules = new GeneratedPart("rules of " + contract.getSimpleName());
            page = rules.replaced(page, ContractRules.table(contract));
        }
        Committed.requireSame(PAGE, page);
    }

    @Test
    void theSampleIsWrittenAgainstApiAndKitAlone() throws IOException {
        try (var files = Files.walk(SAMPLE.resolve("src/main/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file))
                        .doesNotContain("import dev.engram.djl", "import dev.engram.kit.internal");
            }
        }
    }

    @Test
    void aContractTestOfTheSampleHasFewerThanFortyLines() throws IOException {
        try (var files = Files.walk(SAMPLE.resolve("src/test/java"))) {
            List<Path> contracts =
                    files.filter(file -> file.toString().endsWith("ContractTest.java")).toList();
            assertThat(contracts).isNotEmpty();
            for (Path contract : contracts) {
                assertThat(Files.readAllLines(contract)).hasSizeLessThan(40);
            }
        }
    }
}
