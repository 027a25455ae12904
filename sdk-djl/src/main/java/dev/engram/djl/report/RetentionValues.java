package dev.engram.djl.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.engram.api.metrics.Retention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The measures of some runs as JSON. */
record RetentionValues(String title, Map<String, String> facts, List<ReportedRun> runs) {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    String json() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("title", title);
        root.put("facts", facts);
        root.put("runs", runs.stream().map(RetentionValues::values).toList());
        return GSON.toJson(root);
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
}
