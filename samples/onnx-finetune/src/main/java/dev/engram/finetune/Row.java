package dev.engram.finetune;

import dev.engram.onnx.retention.RetentionFindings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a file knows of each task.
 *
 * @param name of the file
 * @param djl accuracies of the model in DJL
 * @param runtime accuracies of the file in ONNX Runtime
 */
record Row(String name, List<Double> djl, List<Double> runtime) {

    private static final String LINE = "%-30s %s%n";

    static Row of(Path file, List<TaskData> tasks, List<Double> djl, RetentionFindings findings) {
        String name = String.valueOf(file.getFileName());
        List<Double> runtime =
                tasks.stream().map(task -> findings.answers(name, task.name()).accuracy()).toList();
        return new Row(name, djl, runtime);
    }

    /** Prints rows as a table, in percent. */
    static void print(List<String> tasks, List<Row> rows, PrintStream out) {
        String names =
                tasks.stream().map(" %14.14s"::formatted).collect(Collectors.joining("", "", ""));
        String width = "%-" + names.length() + "s";
        out.printf(
                LINE, "accuracy, %", width.formatted(" in DJL") + width.formatted(" ONNX Runtime"));
        out.printf(LINE, "", names + names);
        rows.forEach(row -> out.printf(LINE, row.name, cells(row.djl) + cells(row.runtime)));
    }

    private static String cells(List<Double> accuracies) {
        return accuracies.stream()
                .map(share -> String.format(Locale.ROOT, " %14.2f", 100 * share))
                .collect(Collectors.joining());
    }
}
