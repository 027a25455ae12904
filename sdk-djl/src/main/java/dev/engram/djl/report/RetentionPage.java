package dev.engram.djl.report;

import com.google.common.io.Resources;
import com.google.gson.Gson;
import com.samskivert.mustache.Mustache;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.api.metrics.Retention;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs as a page that holds everything it shows; the others are compared with the first. */
record RetentionPage(String title, Map<String, String> facts, List<ReportedRun> runs) {

    private static final String CHARTS = "dev/engram/djl/report/chart.umd.min.js";

    String html() throws IOException {
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

    private static String resource(String name) throws IOException {
        return Resources.toString(Resources.getResource(name), StandardCharsets.UTF_8);
    }
}
