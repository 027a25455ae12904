package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.report.ReportedRun;
import dev.engram.djl.report.RetentionReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a {@link RetentionStudy} found. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RetentionFindings {

    private final AccuracyMatrix matrix;
    private final Map<String, Map<String, Answers>> byModel = new LinkedHashMap<>();
    private final Map<String, String> learntBy = new LinkedHashMap<>();
    private String last = "";

    RetentionFindings(Collection<String> tasks) {
        this.matrix = new AccuracyMatrix(List.copyOf(tasks));
    }

    /** Adds a model; one that learnt several tasks has as many rows in the matrix. */
    void add(String model, List<String> learnt, Map<String, Answers> answers) {
        byModel.put(model, answers);
        last = model;
        for (String task : learnt) {
            learntBy.put(task, model);
            matrix.addRow(answers.values().stream().mapToDouble(Answers::accuracy).toArray());
        }
    }

    /**
     * Returns the accuracies: a row for each task learnt, by the model that had first learnt it; a
     * column for each task.
     */
    public AccuracyMatrix matrix() {
        return matrix;
    }

    /**
     * Returns a model's answers to a task's samples.
     *
     * @throws EngramException if there is no such model or task
     */
    public Answers answers(String model, String task) {
        Answers answers = byModel.getOrDefault(model, Map.of()).get(task);
        if (answers == null) {
            throw new EngramException(
                    "There are no answers of %s to %s; models are %s, tasks %s"
                            .formatted(model, task, byModel.keySet(), matrix.tasks()));
        }
        return answers;
    }

    /** Returns how a later model compares with an earlier one on a task. */
    public PairedComparison comparison(String task, String earlier, String later) {
        return answers(earlier, task).comparedWith(answers(later, task));
    }

    /**
     * Returns how the last model compares, on each task that an earlier one had learnt, with that
     * earlier one.
     */
    public List<PairedComparison> comparisons() {
        List<PairedComparison> all = new ArrayList<>();
        learntBy.forEach(
                (task, model) -> {
                    if (!model.equals(last)) {
                        all.add(comparison(task, model, last));
                    }
                });
        return all;
    }

    /**
     * Asserts that the last model kept every earlier task within a limit.
     *
     * @throws AssertionError naming every task that breaks it, with the numbers
     */
    public void assertRetained(RetentionLimit limit) {
        List<String> broken =
                comparisons().stream()
                        .filter(limit::isBrokenBy)
                        .map(seen -> "\n  - " + seen.describe(limit))
                        .toList();
        if (!broken.isEmpty()) {
            throw new AssertionError(
                    "%s forgot %s of %s earlier tasks.%s"
                            .formatted(
                                    last,
                                    broken.size(),
                                    comparisons().size(),
                                    String.join("", broken)));
        }
    }

    /**
     * Writes the report that training writes, too.
     *
     * @param title its heading
     * @param limit what the comparisons are judged by
     * @param folder created if need be
     */
    public void report(String title, RetentionLimit limit, Path folder) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("models", String.join(", ", byModel.keySet()));
        comparisons().forEach(seen -> facts.put("on " + seen.task(), seen.describe(limit)));
        new RetentionReport(title, facts, List.of(ReportedRun.of(last, matrix, 0))).write(folder);
    }
}
