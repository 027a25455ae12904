package dev.engram.djl.report;

import com.google.common.io.Resources;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.samskivert.mustache.Mustache;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.api.metrics.Retention;
import dev.engram.djl.internal.argument.Given;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final String CHARTS = "dev/engram/djl/report/chart.umd.min.js";

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
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("title", title);
        root.put("facts", facts);
        root.put("runs", runs.stream().map(RetentionReport::values).toList());
        return GSON.toJson(root);
    }

    /** Returns every measured accuracy in a line of its own, with a heading. */
    public String csv() {
        StringBuilder lines = new StringBuilder("run,after_task,on_task,accuracy\n");
        for (ReportedRun run : runs) {
            AccuracyMatrix matrix = run.matrix();
            for (int i = 0; i < matrix.learnt(); i++) {
                for (int j = 0; j < matrix.tasks().size(); j++) {
                    if (matrix.has(i, j)) {
                        lines.append(quote(run.name()))
                                .append(',')
                                .append(quote(matrix.tasks().get(i)))
                                .append(',')
                                .append(quote(matrix.tasks().get(j)))
                                .append(',')
                                .append(matrix.at(i, j))
                                .append('\n');
                    }
                }
            }
        }
        return lines.toString();
    }

    /** Returns the page. */
    public String html() throws IOException {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("title", title);
        view.put("facts", new ArrayList<>(facts.entrySet()));
        view.put("runs", runs.stream().map(this::page).toList());
        view.put("charts", resource(CHARTS));
        // Inside a script element only "</" could end it early.
        view.put("data", new Gson().toJson(curves()).replace("</", "<\\/"));
        return Mustache.compiler()
                .compile(resource("dev/engram/djl/report/retention.mustache"))
                .execute(view);
    }

    private static Map<String, Object> values(ReportedRun run) {
        Retention retention = Retention.of(run.matrix());
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", run.name());
        values.put("tasks", run.matrix().tasks());
        values.put("accuracyMatrix", run.matrix().toArray());
        values.put("averageAccuracy", retention.averageAccuracy());
        List<Double> forgetting = new ArrayList<>();
        for (int task = 0; task < run.matrix().learnt() - 1; task++) {
            forgetting.add(retention.forgetting(task));
        }
        values.put("forgetting", forgetting);
        values.put("meanForgetting", retention.meanForgetting());
        values.put("backwardTransfer", retention.backwardTransfer());
        values.put("trainSeconds", run.trainSeconds());
        return values;
    }

    private Map<String, Object> page(ReportedRun run) {
        Retention retention = Retention.of(run.matrix());
        AccuracyMatrix matrix = run.matrix();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < matrix.learnt(); i++) {
            List<Map<String, String>> cells = new ArrayList<>();
            for (int j = 0; j < matrix.tasks().size(); j++) {
                cells.add(cell(matrix, i, j));
            }
            rows.add(Map.of("task", matrix.tasks().get(i), "cells", cells));
        }
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("name", run.name());
        page.put("tasks", matrix.tasks());
        page.put("rows", rows);
        page.put("average", percent(retention.averageAccuracy()));
        page.put("forgetting", percent(retention.meanForgetting()));
        page.put("transfer", percent(retention.backwardTransfer()));
        page.put("seconds", known(run.trainSeconds(), 1));
        page.put("ratio", known(run.trainSeconds() / runs.get(0).trainSeconds(), 2));
        return page;
    }

    /** Colours from red through yellow to green; the number stands in the cell, too. */
    private static Map<String, String> cell(AccuracyMatrix matrix, int i, int j) {
        if (!matrix.has(i, j)) {
            return Map.of("text", "", "color", "transparent");
        }
        double accuracy = matrix.at(i, j);
        String color =
                String.format(
                        Locale.ROOT, "hsl(%d 70%% 75%%)", Math.round(120 * accuracy * accuracy));
        return Map.of("text", percent(accuracy), "color", color);
    }

    private Map<String, Object> curves() {
        Map<String, Object> curves = new LinkedHashMap<>();
        curves.put("tasks", runs.get(0).matrix().tasks());
        List<Map<String, Object>> all = new ArrayList<>();
        for (ReportedRun run : runs) {
            all.add(Map.of("name", run.name(), "matrix", run.matrix().toArray()));
        }
        curves.put("runs", all);
        return curves;
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f", 100 * fraction);
    }

    private static String known(double number, int digits) {
        return number > 0 && Double.isFinite(number)
                ? String.format(Locale.ROOT, "%." + digits + "f", number)
                : "not known";
    }

    private static String quote(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String resource(String name) throws IOException {
        return Resources.toString(Resources.getResource(name), StandardCharsets.UTF_8);
    }
}
