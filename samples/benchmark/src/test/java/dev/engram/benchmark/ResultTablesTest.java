package dev.engram.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.scenarios.BadInputException;
import dev.engram.scenarios.Provenance;
import dev.engram.scenarios.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTablesTest {

    private static final Path RESULTS = Path.of("../../docs/benchmarks");
    private static final Provenance FROM =
            new Provenance("abc", "2026-11-30", "a machine", "a JVM", "none", "benchmark");

    @TempDir private Path folder;

    @Test
    void theTablesOfTheReadmeAreThoseOfTheResults() throws IOException {
        String readme = Files.readString(Path.of("../../README.md"));
        assertThat(TablesCommand.filled(readme, RESULTS))
                .as("run: java -jar samples/benchmark/target/benchmark.jar tables")
                .isEqualTo(readme);
    }

    @Test
    void aTableHasARowAStrategyAndAColumnAScenarioAndSettings() throws IOException {
        put("one.json", "domain", "defaults", "si", 0.7, 0.8);
        put("one.json", "domain", "defaults", "none", 0.5, 0.5);
        put("two.json", "task", "presets", "si", 0.9);
        assertThat(TablesCommand.filled(place(""), folder))
                .contains(
                        """
                        | average accuracy, % | task-incremental, presets | domain-incremental, defaults |
                        | --- | --- | --- |
                        | unguarded |  | 50.00 ± 0.00 |
                        | `si` | 90.00 (one seed) | 75.00 ± 5.00 |

                        hidden 4; seeds 11, 12; commit abc, 2026-11-30, a machine.
                        """);
    }

    @Test
    void aTableThatIsThereIsReplacedAndWritingTwiceChangesNothing() throws IOException {
        put("one.json", "domain", "defaults", "si", 0.7);
        String once = TablesCommand.filled(place("| old |\n"), folder);
        assertThat(once).doesNotContain("old").startsWith("before\n").endsWith("after\n");
        assertThat(TablesCommand.filled(once, folder)).isEqualTo(once);
    }

    @Test
    void aStrategyMeasuredAgainReplacesItsEntryAndTheOthersStay() throws IOException {
        put("one.json", "domain", "defaults", "si", 0.7);
        put("one.json", "domain", "defaults", "mas", 0.6);
        put("one.json", "domain", "defaults", "si", 0.8);
        assertThat(TablesCommand.filled(place(""), folder))
                .contains("| `si` | 80.00 (one seed) |")
                .contains("| `mas` | 60.00 (one seed) |")
                .doesNotContain("70.00");
    }

    @Test
    void resultsOfAnotherScenarioAreNotMixedIn() throws IOException {
        put("one.json", "domain", "defaults", "si", 0.7);
        assertThatThrownBy(() -> put("one.json", "task", "defaults", "si", 0.7))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("holds other results (scenario is not task)");
    }

    @Test
    void whatIsNoFileOfResultsIsNamed() throws IOException {
        Files.writeString(folder.resolve("bad.json"), "[]");
        assertThatThrownBy(() -> TablesCommand.filled(place(""), folder))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("bad.json");
        assertThatThrownBy(() -> put("bad.json", "domain", "defaults", "si", 0.7))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("bad.json");
    }

    private void put(
            String file, String scenario, String settings, String strategy, double... accuracies)
            throws IOException {
        Map<String, String> head =
                Map.of(
                        "protocol",
                        "p",
                        "scenario",
                        scenario,
                        "settings",
                        settings,
                        "training",
                        "hidden 4");
        List<RunResult> runs = new ArrayList<>();
        for (double accuracy : accuracies) {
            RunResult run = new RunResult("p", scenario, strategy, 11 + runs.size());
            run.averageAccuracy = accuracy;
            runs.add(run);
        }
        new ResultFile(folder.resolve(file), head).put(strategy, Map.of(), FROM, runs);
    }

    private static String place(String old) {
        return "before\n<!-- results: p -->\n" + old + "<!-- end of results -->\nafter\n";
    }
}
