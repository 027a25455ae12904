package dev.engram.benchmark.results;

import java.util.EnumSet;
import java.util.Locale;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;

/**
 * What several seeds come to.
 *
 * @param mean of their values
 * @param error the standard error of the mean; not a number for one seed
 */
public record MeanAndError(double mean, double error) {

    public static MeanAndError of(double... values) {
        DoubleStatistics statistics =
                DoubleStatistics.of(
                        EnumSet.of(Statistic.MEAN, Statistic.STANDARD_DEVIATION), values);
        double deviation = statistics.getAsDouble(Statistic.STANDARD_DEVIATION);
        return new MeanAndError(
                statistics.getAsDouble(Statistic.MEAN),
                values.length < 2 ? Double.NaN : deviation / Math.sqrt(values.length));
    }

    /** Returns both as percentages. */
    public String percent() {
        return Double.isNaN(error)
                ? String.format(Locale.ROOT, "%.2f (one seed)", 100 * mean)
                : String.format(Locale.ROOT, "%.2f ± %.2f", 100 * mean, 100 * error);
    }
}
