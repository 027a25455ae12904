package dev.engram.benchmark.experiment;

import dev.engram.benchmark.results.RunResult;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import dev.engram.scenarios.results.Provenance;
import dev.engram.scenarios.results.ResultFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes each run into a file of results as soon as it was measured. */
public final class MeasuredFile {

    private final ResultFile file;
    private final Provenance from;
    private final Presets presets;
    private final String protocol;
    private final Scenario scenario;

    public MeasuredFile(
            ResultFile file, Provenance from, Presets presets, String protocol, Scenario scenario) {
        this.file = file;
        this.from = from;
        this.presets = presets;
        this.protocol = protocol;
        this.scenario = scenario;
    }

    /** Returns whether a run of a strategy, with the settings that it would have, is there. */
    public boolean holds(String strategy, int seed) {
        try {
            return file.holds(strategy, settings(strategy), seed);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** Adds runs of one strategy, or replaces them. */
    public void put(String strategy, List<RunResult> runs) {
        try {
            file.put(strategy, settings(strategy), from, runs);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private static BadInputException refused(IOException cause) {
        return new BadInputException(
                "The file of results cannot be read or written (%s): give another one to --json"
                        .formatted(cause),
                cause);
    }

    private Map<String, Map<String, String>> settings(String strategy) {
        return strategy.equals(RunResult.NONE)
                ? Map.of()
                : presets.settings(protocol, scenario, SolvedHead.id(strategy));
    }
}
