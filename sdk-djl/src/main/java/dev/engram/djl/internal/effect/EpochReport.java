package dev.engram.djl.internal.effect;

import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.TrainingView;
import dev.engram.djl.internal.gradient.Divergence;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said of the guards at the end of each epoch of a task. */
public final class EpochReport {

    private static final Logger LOG = LoggerFactory.getLogger(EpochReport.class);

    /** Below it a guard is one part in a million of what moves the weights: it does nothing. */
    private static final double NOTHING = 1e-6;

    private final Map<String, Measured> last = new HashMap<>();
    private final Map<String, Integer> idle = new HashMap<>();
    private final Map<String, Integer> wild = new HashMap<>();
    private final LongSupplier firstBroken;

    /**
     * Creates it.
     *
     * @param firstBroken tells the first batch whose gradients were not finite, 0 if none was seen
     */
    public EpochReport(LongSupplier firstBroken) {
        this.firstBroken = firstBroken;
    }

    /** Says what the effect of a guard was, loudly where it was nothing. */
    public void of(String guard, GuardEffect effect, TrainingView view, int epoch) {
        report(guard, view, epoch, measured(guard, effect, epoch));
    }

    /** The same figures to the last digit are those of the epoch when they were first seen. */
    private Measured measured(String guard, GuardEffect effect, int epoch) {
        Measured before = last.get(guard);
        Measured now =
                before != null && before.effect.equals(effect)
                        ? before
                        : new Measured(effect, epoch);
        last.put(guard, now);
        return now;
    }

    private void report(String guard, TrainingView view, int epoch, Measured measured) {
        String task = view.task().name();
        GuardEffect effect = measured.effect;
        LOG.info(
                "{}: task {}, epoch {}: adds {} to the loss, share of the gradient {}{}, on {} % of"
                        + " what trains{}",
                guard,
                task,
                epoch,
                digits(effect.penalty()),
                digits(effect.gradientShare()),
                effect.updateShare() > 0 ? ", of the update " + digits(effect.updateShare()) : "",
                Math.round(100 * effect.heldShare()),
                measured.epoch == epoch ? "" : " (as measured in epoch " + measured.epoch + ")");
        if (Math.max(effect.gradientShare(), effect.updateShare()) < NOTHING) {
            if (isNews(guard, idle, "no effect", epoch)) {
                warnOfNothing(guard, task, epoch, effect);
            }
        } else if (!Double.isFinite(effect.penalty())
                && isNews(guard, wild, "a penalty that is not finite", epoch)) {
            Divergence.warnOfPenalty(guard, effect.penalty(), view, epoch, firstBroken.getAsLong());
        }
    }

    /** The whole story is told once, then a line, ever more rarely. */
    private static boolean isNews(
            String guard, Map<String, Integer> epochs, String seen, int epoch) {
        int count = epochs.merge(guard, 1, Integer::sum);
        if (count > 1 && Integer.bitCount(count) == 1) {
            LOG.warn(
                    "Guard \"{}\": {} in {} epochs so far, {} the last", guard, seen, count, epoch);
        }
        return count == 1;
    }

    private static void warnOfNothing(String guard, String task, int epoch, GuardEffect effect) {
        LOG.warn(
                "Guard \"{}\" had NO EFFECT in epoch {} of task \"{}\" (its share of the"
                        + " gradient is {}): earlier tasks are not protected. Is its strength"
                        + " next to nothing, or are other parameters trained than before?",
                guard,
                epoch,
                task,
                digits(effect.gradientShare()));
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }

    private record Measured(GuardEffect effect, int epoch) {}
}
