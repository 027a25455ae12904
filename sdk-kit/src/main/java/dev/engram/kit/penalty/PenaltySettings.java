package dev.engram.kit.penalty;

import dev.engram.api.Stable;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings that every strategy with a quadratic penalty has, and the guard that they describe.
 *
 * <p>For {@code StrategyProvider}s: {@code settings()} returns {@link #and}, {@code create} begins
 * with {@link #guard}.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class PenaltySettings {

    private static final Setting<Double> LAMBDA =
            Setting.number(
                    "lambda",
                    0.01,
                    0,
                    Double.MAX_VALUE,
                    "Strength: the penalty is lambda/2 times the sum of importance x distance"
                            + " squared. More holds earlier tasks and leaves new ones less room.");
    private static final Setting<Scale> SCALE =
            Setting.choice(
                    "scale",
                    Scale.NORMALISED,
                    "Whether lambda weighs the importance as it is, or divided by its mean.");
    private static final Setting<Double> BASE_LAMBDA =
            Setting.number(
                    "base-lambda",
                    1,
                    0,
                    1e9,
                    "Strength with which the weights of a base are held without data of its own"
                            + " (Base.PROTECT) where its answers cannot be held, in units of the"
                            + " loss per squared change of an output; more keeps more, and costs"
                            + " the new task more.");
    private static final Setting<Double> MAX_LEARNING_RATE =
            Setting.number(
                    "max-learning-rate",
                    0.1,
                    1e-9,
                    1e9,
                    "The learning rate up to which plain gradient descent stays stable.");
    private static final Setting<Integer> RENEW_EVERY =
            Setting.integer(
                    "renew-every",
                    1,
                    1,
                    1_000,
                    "The pull towards the anchor is computed at every so many steps and added at"
                            + " every one. 1 is the method as published; more costs less time and"
                            + " protects less, because the pull is late and its cap lower: with 2,"
                            + " domain-incremental ewc kept 71 % instead of 78 %.");

    private static final Setting<Merging> MERGING =
            Setting.choice(
                    "merging",
                    Merging.SUM,
                    "How tasks are put together: sum keeps a term for each task, online the newest"
                            + " weights as the anchor of all.");
    private static final Setting<Double> GAMMA =
            Setting.number(
                    "gamma",
                    1,
                    0,
                    1,
                    "What remains of earlier importance after each task, where merging is online.");

    private PenaltySettings() {}

    /** Returns the settings of a strategy that consists of an importance, besides its own. */
    public static List<Setting<?>> all() {
        return and(MERGING, GAMMA);
    }

    /** Returns the guard that {@link #all} describe, for some importance. */
    public static QuadraticPenaltyGuard joined(
            String name, ImportanceEstimator importance, Settings settings) {
        return guard(name, importance, settings)
                .optMerging(settings.get(MERGING))
                .optDecay(settings.get(GAMMA))
                .build();
    }

    /** Returns the shared settings and a strategy's own. */
    public static List<Setting<?>> and(Setting<?>... own) {
        List<Setting<?>> all =
                new ArrayList<>(
                        List.of(LAMBDA, SCALE, BASE_LAMBDA, MAX_LEARNING_RATE, RENEW_EVERY));
        all.addAll(List.of(own));
        return List.copyOf(all);
    }

    /** Returns a builder of the guard that the shared settings describe, for some importance. */
    public static QuadraticPenaltyGuard.Builder guard(
            String name, ImportanceEstimator importance, Settings settings) {
        return QuadraticPenaltyGuard.builder()
                .setName(name)
                .setImportance(importance)
                .optLambda(settings.get(LAMBDA))
                .optScale(settings.get(SCALE))
                .optBaseLambda(settings.get(BASE_LAMBDA))
                .optMaxLearningRate(settings.get(MAX_LEARNING_RATE))
                .optRenewEvery(settings.get(RENEW_EVERY));
    }
}
