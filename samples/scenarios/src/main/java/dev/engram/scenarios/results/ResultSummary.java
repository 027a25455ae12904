package dev.engram.scenarios.results;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the runs of each strategy in a file of results come to, for readers of the file. */
final class ResultSummary {

    private static final List<String> FIGURES =
            List.of("averageAccuracy", "meanForgetting", "justLearnt");

    private ResultSummary() {}

    /** Returns seeds, mean and standard error by strategy, in the order of the entries. */
    static JsonObject of(JsonArray entries) {
        Map<String, List<JsonObject>> runs = new LinkedHashMap<>();
        for (JsonElement entry : entries) {
            JsonObject held = entry.getAsJsonObject();
            List<JsonObject> own =
                    runs.computeIfAbsent(
                            held.get(ResultFile.STRATEGY).getAsString(), name -> new ArrayList<>());
            held.getAsJsonArray(ResultFile.RUNS).forEach(run -> own.add(run.getAsJsonObject()));
        }
        JsonObject all = new JsonObject();
        runs.forEach((strategy, own) -> all.add(strategy, strategy(own)));
        return all;
    }

    private static JsonObject strategy(List<JsonObject> runs) {
        JsonObject summary = new JsonObject();
        summary.addProperty("runs", runs.size());
        for (String figure : FIGURES) {
            double[] values =
                    runs.stream()
                            .filter(run -> run.has(figure))
                            .mapToDouble(run -> run.get(figure).getAsDouble())
                            .toArray();
            if (values.length > 0) {
                summary.add(figure, meanAndError(values));
            }
        }
        return summary;
    }

    private static JsonObject meanAndError(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        JsonObject both = new JsonObject();
        both.addProperty("mean", mean);
        if (values.length > 1) {
            both.addProperty(
                    "standardError", Math.sqrt(squares / (values.length - 1) / values.length));
        }
        return both;
    }
}
