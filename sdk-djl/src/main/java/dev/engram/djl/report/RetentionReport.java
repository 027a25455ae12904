package dev.engram.djl.report;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.internal.argument.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Retention to look at: {@code retention.json}, {@code retention.csv} and {@code retention.html},
 * which holds everything it shows and reads nothing from the network.
 *
 * <p>The first run is the control that the others are compared with. Fractions are 0 to 1 in JSON
 * and CSV, percent in the page.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RetentionReport {

    private static final String CALL = "new RetentionReport";

    private final String title;
    private final Map<String, String> facts;
    private final List<ReportedRun> runs;

    /**
     * Creates a report.
     *
     * @param title its heading
     * @param facts what a reader must know to repeat it: scenario, seed, settings
     * @param runs the runs, the unguarded control first; at least one, each with a task learnt
     * @throws EngramException if there is nothing to report, naming what is missing
     */
    public RetentionReport(String title, Map<String, String> facts, List<ReportedRun> runs) {
        this.title = Given.require(title, CALL, "the title", "a heading");
        Given.require(facts, CALL, "the map of facts", "Map.of() for none");
        facts.forEach(
                (key, fact) -> {
                    Given.require(key, CALL, "the name of a fact", "such as \"seed\"");
                    Given.require(fact, CALL, "the fact " + key, "its text, or leave it out");
                });
        this.facts = new LinkedHashMap<>(facts);
        Given.require(runs, CALL, "the list of runs", "at least one");
        runs.forEach(run -> Given.require(run, CALL, "a run", "a ReportedRun"));
        requireLearnt(runs);
        this.runs = List.copyOf(runs);
    }

    private static void requireLearnt(List<ReportedRun> runs) {
        if (runs.isEmpty()) {
            throw new EngramException(
                    CALL + "(...): there is no run; give one or more, the control first");
        }
        for (ReportedRun run : runs) {
            if (run.matrix().learnt() == 0) {
                throw new EngramException(
                        "%s(...): run \"%s\" has learnt no task; add a row to its matrix (addRow) after each"
                                .formatted(CALL, run.name()));
            }
        }
    }

    /** Writes the three files into a folder, which is created if need be. */
    public void write(Path folder) throws IOException {
        Given.require(folder, "write", "Path.of(\"report\")");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("retention.json"), json());
        Files.writeString(folder.resolve("retention.csv"), csv());
        Files.writeString(folder.resolve("retention.html"), html());
    }

    /** Returns the report as JSON. */
    public String json() {
        return new RetentionValues(title, facts, runs).json();
    }

    /** Returns every measured accuracy in a line of its own, with a heading. */
    public String csv() {
        return new RetentionTable(runs).csv();
    }

    /** Returns the page. */
    public String html() throws IOException {
        return new RetentionPage(title, facts, runs).html();
    }
}
