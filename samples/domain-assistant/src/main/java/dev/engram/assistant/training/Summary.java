package dev.engram.assistant.training;

import dev.engram.api.metrics.Retention;
import dev.engram.djl.report.ReportedRun;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/**
 * The runs of one strategy, one a seed.
 *
 * @param strategy its name
 * @param runs with different seeds
 */
public record Summary(String strategy, List<ReportedRun> runs) {

    /** Returns the heading over {@link #line}. */
    public static String heading() {
        return "%-28s %17s %17s %15s %9s"
                .formatted("mean +- standard error", "average", "forgot", "just learnt", "seconds");
    }

    /** Returns percentages and seconds in columns. */
    public String line() {
        return "%-28s %17s %17s %15s %9s"
                .formatted(
                        strategy,
                        percent(runs.stream().mapToDouble(Summary::average).toArray()),
                        percent(runs.stream().mapToDouble(Summary::forgetting).toArray()),
                        percent(runs.stream().mapToDouble(Summary::justLearnt).toArray()),
                        format(
                                runs.stream()
                                        .mapToDouble(ReportedRun::trainSeconds)
                                        .average()
                                        .orElse(0)));
    }

    /** Returns the runs as they are written into a file of results. */
    public List<Map<String, Object>> results(List<Integer> seeds) {
        List<Map<String, Object>> results = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            ReportedRun run = runs.get(i);
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("strategy", strategy);
            result.put("seed", seeds.get(i));
            result.put("averageAccuracy", average(run));
            result.put("meanForgetting", forgetting(run));
            result.put("justLearnt", justLearnt(run));
            result.put("trainSeconds", run.trainSeconds());
            result.put("accuracyMatrix", run.matrix().toArray());
            results.add(result);
        }
        return results;
    }

    private static double average(ReportedRun run) {
        return Retention.of(run.matrix()).averageAccuracy();
    }

    private static double forgetting(ReportedRun run) {
        return Retention.of(run.matrix()).meanForgetting();
    }

    private static double justLearnt(ReportedRun run) {
        double sum = 0;
        for (int i = 0; i < run.matrix().learnt(); i++) {
            sum += run.matrix().at(i, i);
        }
        return sum / run.matrix().learnt();
    }

    private static String percent(double[] values) {
        DoubleStatistics statistics =
                DoubleStatistics.of(
                        EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), values);
        String mean = format(100 * statistics.getAsDouble(Statistic.MEAN));
        double error =
                statistics.getAsDouble(Statistic.STANDARD_DEVIATION) / Math.sqrt(values.length);
        return values.length < 2 ? mean : mean + " +- " + format(100 * error);
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
