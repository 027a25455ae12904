package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages of the strategies say what the strategies' code says. */
class StrategyPagesTest {

    private static final Path FOLDER = Modules.root().resolve("docs/strategies");
    private static final Collection<StrategyProvider> STRATEGIES =
            StrategyCatalog.discover(StrategyPagesTest.class.getClassLoader()).providers().values();

    static List<String> ids() {
        return STRATEGIES.stream().map(StrategyProvider::id).toList();
    }

    @ParameterizedTest
    @MethodSource("ids")
    void thePageOfAStrategyHasItsSettingsAndWhatItGoesWith(String id) throws IOException {
        Path page = FOLDER.resolve(id + ".md");
        StrategyPage made = new StrategyPage(id, STRATEGIES);
        List<String> committed =
                Files.exists(page) ? Files.readAllLines(page) : StrategyPage.empty(id);
        Committed.requireSame(page, made.over(committed));
    }

    @Test
    void thereIsAPageForEachStrategyAndNoOther() throws IOException {
        try (Stream<Path> pages = Files.list(FOLDER)) {
            assertThat(pages.map(page -> page.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            ids().stream().map(id -> id + ".md").toList());
        }
    }
}
