package dev.engram.si;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.djl.penalty.Merging;
import dev.engram.djl.penalty.QuadraticPenaltyGuard;
import dev.engram.djl.penalty.Scale;
import java.util.List;

/** What synaptic intelligence and RWalk share: the role they both play, and their settings. */
final class PathSettings {

    /** Both count the path of training; on one listener they would count it twice. */
    static final String PATH_PENALTY = "path-penalty";

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
                    "Whether lambda weighs the importance as it is, or divided by its mean.");
    static final Setting<Double> MAX_LEARNING_RATE =
            Setting.number(
                    "max-learning-rate",
                    0.1,
                    1e-9,
                    1e9,
                    "The learning rate up to which plain gradient descent stays stable.");
    static final List<Setting<?>> SHARED = List.of(LAMBDA, SCALE, MAX_LEARNING_RATE);

    private PathSettings() {}

    static QuadraticPenaltyGuard guard(
            String name, ImportanceEstimator importance, double decay, Settings settings) {
        return QuadraticPenaltyGuard.builder()
                .setName(name)
                .setImportance(importance)
                .optMerging(Merging.ONLINE)
                .optDecay(decay)
                .optLambda(settings.get(LAMBDA))
                .optScale(settings.get(SCALE))
                .optMaxLearningRate(settings.get(MAX_LEARNING_RATE))
                .build();
    }
}
