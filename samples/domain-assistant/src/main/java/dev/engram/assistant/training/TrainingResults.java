package dev.engram.assistant.training;

import dev.engram.djl.report.ReportedRun;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.results.Provenance;
import dev.engram.scenarios.results.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes each run into a file of results as soon as it ended. */
public final class TrainingResults {

    private final ResultFile file;
    private final Provenance from;
    private final Presets presets;

    public TrainingResults(Path file, Map<String, String> head, Provenance from, Presets presets) {
        this.file = new ResultFile(file, head);
        this.from = from;
        this.presets = presets;
    }

    /** Returns whether a run of a strategy, with the settings that it would have, is there. */
    public boolean holds(String strategy, Scenario scenario, int seed) throws IOException {
        return file.holds(strategy, settings(strategy, scenario), seed);
    }

    /** Adds a run, or replaces it. */
    public void put(String strategy, Scenario scenario, int seed, ReportedRun run)
            throws IOException {
        file.put(
                strategy,
                settings(strategy, scenario),
                from,
                new Summary(strategy, List.of(run)).results(List.of(seed)));
    }

    private Map<String, Map<String, String>> settings(String strategy, Scenario scenario) {
        return Comparison.isGuarded(strategy)
                ? presets.settings(Comparison.PROTOCOL, scenario, strategy)
                : Map.of();
    }
}
