package dev.engram.ewc;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.djl.penalty.QuadraticPenaltyGuard;
import dev.engram.djl.penalty.Scale;
import java.util.List;

/** The settings that both forms of EWC share. */
final class EwcSettings {

    static final Setting<Double> LAMBDA =
            Setting.number(
                    "lambda",
                    1,
                    0,
                    Double.MAX_VALUE,
                    "Strength: the penalty is lambda/2 times the sum of importance x distance"
                            + " squared.");
    static final Setting<Scale> SCALE =
            Setting.choice(
                    "scale",
                    Scale.NORMALISED,
                    "Whether lambda weighs the Fisher as it is, or divided by its mean.");
    static final Setting<FisherEstimator> ESTIMATOR =
            Setting.choice("estimator", FisherEstimator.SKETCHED, "How the Fisher is computed.");
    static final Setting<FisherLabels> LABELS =
            Setting.choice("labels", FisherLabels.DATA, "Under which labels it is computed.");
    static final Setting<Integer> BATCH_SIZE =
            Setting.integer("batch-size", 64, 1, 1_000_000, "Samples a pass of the sketch.");
    static final Setting<Double> MAX_LEARNING_RATE =
            Setting.number(
                    "max-learning-rate",
                    0.1,
                    1e-9,
                    1e9,
                    "The learning rate up to which plain gradient descent stays stable.");
    static final List<Setting<?>> ALL =
            List.of(LAMBDA, SCALE, ESTIMATOR, LABELS, BATCH_SIZE, MAX_LEARNING_RATE);

    private EwcSettings() {}

    static QuadraticPenaltyGuard.Builder guard(String name, Settings settings) {
        FisherImportance fisher =
                FisherImportance.builder()
                        .optEstimator(settings.get(ESTIMATOR))
                        .optLabels(settings.get(LABELS))
                        .optBatchSize(settings.get(BATCH_SIZE))
                        .build();
        return QuadraticPenaltyGuard.builder()
                .setName(name)
                .setImportance(fisher)
                .optLambda(settings.get(LAMBDA))
                .optScale(settings.get(SCALE))
                .optMaxLearningRate(settings.get(MAX_LEARNING_RATE));
    }
}
