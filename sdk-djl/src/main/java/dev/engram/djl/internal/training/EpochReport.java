package dev.engram.djl.internal.training;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.TrainingView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said of a guard at the end of an epoch. */
final class EpochReport {

    private static final Logger LOG = LoggerFactory.getLogger(EpochReport.class);

    private EpochReport() {}

    /** Lets a guard measure, and says loudly where it does nothing. */
    static void of(ForgettingGuard guard, TrainingView view, int epoch) {
        guard.onEpoch(view);
        guard.effect().ifPresent(effect -> report(guard.name(), view.task().name(), epoch, effect));
    }

    private static void report(String guard, String task, int epoch, GuardEffect effect) {
        LOG.info(
                "{}: task {}, epoch {}: penalty {}, share of the gradient {}, on {} % of what"
                        + " trains",
                guard,
                task,
                epoch,
                effect.penalty(),
                effect.gradientShare(),
                Math.round(100 * effect.heldShare()));
        if (effect.gradientShare() == 0) {
            LOG.warn(
                    "Guard \"{}\" had NO EFFECT in epoch {} of task \"{}\": earlier tasks are not"
                            + " protected. Is its strength zero, or are other parameters trained"
                            + " than before?",
                    guard,
                    epoch,
                    task);
        } else if (!Double.isFinite(effect.penalty())) {
            LOG.warn(
                    "The penalty of guard \"{}\" is {}: the training diverged. State the largest"
                            + " learning rate that you use (max-learning-rate).",
                    guard,
                    effect.penalty());
        }
    }
}
