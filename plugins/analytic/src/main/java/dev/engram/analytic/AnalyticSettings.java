package dev.engram.analytic;

import dev.engram.analytic.internal.sums.Precision;
import dev.engram.api.settings.Setting;
import java.util.Optional;

/** The settings of the strategies here. */
final class AnalyticSettings {

    static final Setting<Optional<Double>> LAMBDA =
            Setting.optionalNumber(
                    "lambda",
                    1e-12,
                    1e6,
                    "The penalty, as a share of the mean square of a feature, summed over all"
                            + " samples; chosen anew at the end of each task unless set, by"
                            + " generalised cross-validation from the sums alone.");

    static final Setting<Precision> PRECISION =
            Setting.choice(
                    "precision",
                    Precision.DOUBLE,
                    "Precision of the products of 1,024 samples, whose sums are in float64. single"
                            + " is that of the features, and faster; the order of tasks then moves"
                            + " outputs a little, and more where lambda is below 1e-5, which is not"
                            + " chosen then.");

    static final Setting<Double> SHRINKAGE =
            Setting.number(
                    "shrinkage",
                    1e-4,
                    0,
                    1,
                    "How much of the identity is mixed into the covariance, so that it can be"
                            + " inverted.");

    static final Setting<Integer> EPOCHS =
            Setting.integer(
                    "epochs",
                    1,
                    1,
                    Integer.MAX_VALUE,
                    "Passes over a task's data that count. One is all that there is to learn, and"
                            + " later ones are passed over; more make sense where each shows other"
                            + " variants of the samples (augmentation).");

    private AnalyticSettings() {}
}
