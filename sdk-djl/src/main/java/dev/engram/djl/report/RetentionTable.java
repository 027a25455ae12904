package dev.engram.djl.report;

import dev.engram.api.metrics.AccuracyMatrix;
import java.util.List;

/** Every measured accuracy of some runs as comma-separated values. */
record RetentionTable(List<ReportedRun> runs) {

    /** Returns a line for each accuracy, under a heading. */
    String csv() {
        StringBuilder lines = new StringBuilder("run,after_task,on_task,accuracy\n");
        for (ReportedRun run : runs) {
            AccuracyMatrix matrix = run.matrix();
            for (int i = 0; i < matrix.learnt(); i++) {
                for (int j = 0; j < matrix.tasks().size(); j++) {
                    if (matrix.has(i, j)) {
                        lines.append(line(run, i, j));
                    }
                }
            }
        }
        return lines.toString();
    }

    private static String line(ReportedRun run, int after, int on) {
        List<String> tasks = run.matrix().tasks();
        return String.join(
                ",",
                quote(run.name()),
                quote(tasks.get(after)),
                quote(tasks.get(on)),
                run.matrix().at(after, on) + "\n");
    }

    private static String quote(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
