package dev.engram.benchmark.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.results.Provenance;
import dev.engram.scenarios.results.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultTablesTest {

    private static final Path RESULTS = Path.of("../../docs/benchmarks");
    private static final Provenance FROM =
            new Provenance("abc", "2026-11-30", "a machine", "a JVM", "none", "benchmark");

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"../../README.md", "../../docs/benchmarks/README.md"})
    void theTablesOfAPageAreThoseOfTheResults(Path page) throws IOException {
        String text = Files.readString(page);
        assertThat(TablesCommand.filled(text, RESULTS))
                .as("run: java -jar samples/benchmark/target/benchmark.jar tables")
                .isEqualTo(text);
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
    void aPlaceMayAskWhatWasForgottenAndSeedsThatAreFewerAreSaid() throws IOException {
        put("one.json", "domain", "defaults", "none", 0.5, 0.5, 0.5);
        put("one.json", "domain", "defaults", "si", 0.7, 0.8);
        assertThat(TablesCommand.filled(place("").replace("p -->", "p forgotten -->"), folder))
                .contains("<!-- results: p forgotten -->\n| forgotten, % |")
                .contains("| unguarded | 25.00 ± 0.00 |")
                .contains("| `si` | 12.50 ± 2.50 (2 seeds) |");
    }

    @Test
    void aPlaceMayAskForSomeRowsAndForNoneThatWasNotMeasured() throws IOException {
        put("one.json", "domain", "defaults", "none", 0.5);
        put("one.json", "domain", "defaults", "si", 0.7);
        put("one.json", "domain", "defaults", "er", 0.9);
        String some = place("").replace("p -->", "p of none,er -->");
        assertThat(TablesCommand.filled(some, folder))
                .contains("<!-- results: p of none,er -->\n| average accuracy, % |")
                .contains("| unguarded | 50.00")
                .contains("| `er` | 90.00")
                .doesNotContain("`si`");
        String wrong = place("").replace("p -->", "p of none,erx -->");
        assertThatThrownBy(() -> TablesCommand.filled(wrong, folder))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("erx");
    }

    @Test
    void seedsMeasuredLaterAreAddedAndASeedMeasuredAgainReplacesItsRun() throws IOException {
        put("one.json", "domain", "defaults", "si", 0.5, 0.7);
        Provenance later = new Provenance("def", "2026-12-01", "a machine", "", "", "benchmark");
        file("one.json", "domain", "defaults")
                .put("si", Map.of(), later, List.of(run("domain", "si", 12, 0.8)));
        file("one.json", "domain", "defaults")
                .put("si", Map.of(), later, List.of(run("domain", "si", 13, 0.8)));
        String table = TablesCommand.filled(place(""), folder);
        assertThat(table)
                .contains("| `si` | 70.00 ± 10.00 |")
                .contains("seeds 11, 12, 13; commit abc, 2026-11-30")
                .contains("commit def, 2026-12-01");
        JsonObject written =
                JsonParser.parseString(Files.readString(folder.resolve("one.json")))
                        .getAsJsonObject();
        assertThat(written.getAsJsonArray("entries")).hasSize(2);
        JsonObject si = written.getAsJsonObject("summary").getAsJsonObject("si");
        assertThat(si.get("runs").getAsInt()).isEqualTo(3);
        JsonObject accuracy = si.getAsJsonObject("averageAccuracy");
        assertThat(accuracy.get("mean").getAsDouble()).isCloseTo(0.7, within(1e-9));
        assertThat(accuracy.get("standardError").getAsDouble()).isCloseTo(0.1, within(1e-9));
    }

    @Test
    void aRunIsThereOnlyWithTheSameSettings() throws IOException {
        Map<String, Map<String, String>> set = Map.of("si", Map.of("lambda", "1"));
        ResultFile file = file("one.json", "domain", "presets");
        file.put("si", set, FROM, List.of(run("domain", "si", 11, 0.5)));
        assertThat(file.holds("si", set, 11)).isTrue();
        assertThat(file.holds("si", set, 12)).isFalse();
        assertThat(file.holds("mas", set, 11)).isFalse();
        assertThat(file.holds("si", Map.of("si", Map.of("lambda", "2")), 11)).isFalse();
    }

    @Test
    void runsWithOtherSettingsReplaceAllOfTheStrategy() throws IOException {
        put("one.json", "domain", "presets", "si", 0.5, 0.5);
        file("one.json", "domain", "presets")
                .put(
                        "si",
                        Map.of("si", Map.of("lambda", "2")),
                        FROM,
                        List.of(run("domain", "si", 12, 0.8)));
        assertThat(TablesCommand.filled(place(""), folder)).contains("| `si` | 80.00 (one seed) |");
    }

    @Test
    void aStrategyMeasuredAgainReplacesItsRunsAndTheOthersStay() throws IOException {
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
        List<RunResult> runs = new ArrayList<>();
        for (double accuracy : accuracies) {
            runs.add(run(scenario, strategy, 11 + runs.size(), accuracy));
        }
        file(file, scenario, settings).put(strategy, Map.of(), FROM, runs);
    }

    private ResultFile file(String file, String scenario, String settings) {
        return new ResultFile(
                folder.resolve(file),
                Map.of(
                        "protocol",
                        "p",
                        "scenario",
                        scenario,
                        "settings",
                        settings,
                        "training",
                        "hidden 4"));
    }

    private static RunResult run(String scenario, String strategy, int seed, double accuracy) {
        RunResult run = new RunResult("p", scenario, strategy, seed);
        run.averageAccuracy = accuracy;
        run.meanForgetting = (1 - accuracy) / 2;
        return run;
    }

    private static String place(String old) {
        return "before\n<!-- results: p -->\n" + old + "<!-- end of results -->\nafter\n";
    }
}
