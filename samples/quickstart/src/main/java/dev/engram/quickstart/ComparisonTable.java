package dev.engram.quickstart;

import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.api.metrics.Retention;
import dev.engram.djl.report.ReportedRun;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;

/** The outcome as text: every accuracy after every task, forgetting, cost. */
final class ComparisonTable {

    private static final int NAME_WIDTH = 26;
    private static final int CELL_WIDTH = 9;

    private final List<ReportedRun> runs;

    ComparisonTable(List<ReportedRun> runs) {
        this.runs = runs;
    }

    void print(PrintStream out) {
        runs.forEach(run -> out.println(matrix(run)));
        out.println(summary());
    }

    private String matrix(ReportedRun run) {
        AccuracyMatrix matrix = run.matrix();
        int tasks = matrix.tasks().size();
        TextTable table = table(tasks);
        String[] header = new String[tasks + 1];
        header[0] = run.name() + ": % after";
        for (int j = 0; j < tasks; j++) {
            header[j + 1] = "task " + (j + 1);
        }
        table.addRowValues(header);
        for (int i = 0; i < matrix.learnt(); i++) {
            String[] row = new String[tasks + 1];
            row[0] = (i + 1) + " " + matrix.tasks().get(i);
            for (int j = 0; j < tasks; j++) {
                row[j + 1] = matrix.has(i, j) ? percent(matrix.at(i, j)) : "";
            }
            table.addRowValues(row);
        }
        return table.toString();
    }

    private String summary() {
        TextTable table = table(4);
        table.addRowValues("run", "average", "forgot", "seconds", "cost");
        for (ReportedRun run : runs) {
            Retention retention = Retention.of(run.matrix());
            table.addRowValues(
                    run.name(),
                    percent(retention.averageAccuracy()),
                    percent(retention.meanForgetting()),
                    "%.1f".formatted(run.trainSeconds()),
                    "%.2fx".formatted(run.trainSeconds() / runs.get(0).trainSeconds()));
        }
        return table.toString();
    }

    private static TextTable table(int cells) {
        Column[] columns = new Column[cells + 1];
        columns[0] = new Column(NAME_WIDTH, 0, Overflow.TRUNCATE);
        for (int i = 1; i <= cells; i++) {
            columns[i] = new Column(CELL_WIDTH, 1, Overflow.TRUNCATE);
        }
        return TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(), columns);
    }

    private static String percent(double fraction) {
        return "%.1f".formatted(100 * fraction);
    }
}
