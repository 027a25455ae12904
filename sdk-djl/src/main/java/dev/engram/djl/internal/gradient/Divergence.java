package dev.engram.djl.internal.gradient;

import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said where weights or penalties are not finite: what was seen, and what it comes from.
 */
public final class Divergence {

    /** Name of the guard that holds a base's answers, whose causes are its own. */
    public static final String BASE_OUTPUTS = "base-outputs";

    private static final Logger LOG = LoggerFactory.getLogger(Divergence.class);

    private static final String CAUSES =
            "What it mostly comes from, the likeliest first: a batch whose inputs or labels are not"
                    + " finite; a loss that takes the logarithm of 0 or divides by it; a learning"
                    + " rate that is too high";

    private static final String OF_BASE =
            "; what Base.PROTECT adds to the gradient: a lower learning rate helps, or"
                    + " optBaseStrength below 1";

    private Divergence() {}

    /**
     * Returns what is known of weights that are not finite, to follow a colon.
     *
     * @param firstBatch whose gradients were not finite, 0 if none was seen
     * @param holdsBase whether the answers of a base are held
     */
    public static String of(List<String> parameters, long firstBatch, boolean holdsBase) {
        String since =
                firstBatch == 0
                        ? ""
                        : "; the first gradients that were not finite are those of batch "
                                + firstBatch;
        return "the values of %s are not finite%s. %s%s."
                .formatted(some(parameters), since, CAUSES, holdsBase ? OF_BASE : "");
    }

    /** Returns why the gradients that a guard makes are not finite, to follow "likeliest:". */
    public static String likeliestOf(String guard) {
        return guard.equals(BASE_OUTPUTS)
                ? "what Base.PROTECT holds runs away, because the learning rate is too high for the"
                        + " model's answers: lower it, or set optBaseStrength below 1"
                : "its strength (such as lambda) is too large for the range of its numbers; or what"
                        + " it remembers is not finite";
    }

    private static String some(List<String> parameters) {
        return parameters.size() == 1
                ? parameters.get(0)
                : "%d parameters, such as %s,".formatted(parameters.size(), parameters.get(0));
    }

    /** Warns of a penalty that is not finite; looks at all weights, so it is for an epoch's end. */
    public static void warnOfPenalty(
            String guard, double penalty, TrainingView view, int epoch, long firstBatch) {
        List<String> wild =
                view.parameters().stream()
                        .filter(one -> !FiniteCheck.isFinite(one.value(), view.manager()))
                        .map(LiveParameter::name)
                        .toList();
        LOG.warn(
                "The penalty of guard \"{}\" is {} at the end of epoch {} of task \"{}\", {}",
                guard,
                penalty,
                epoch,
                view.task().name(),
                wild.isEmpty()
                        ? "though all weights are finite. " + causesOf(guard)
                        : "because weights are not, either: "
                                + of(wild, firstBatch, guard.equals(BASE_OUTPUTS))
                                + " Break the training off and load the last good weights.");
    }

    private static String causesOf(String guard) {
        return guard.equals(BASE_OUTPUTS)
                ? "The model's answers are infinite: its weights grew, mostly because the learning"
                        + " rate is too high for what Base.PROTECT adds to the gradient. Lower it,"
                        + " or set optBaseStrength below 1."
                : "What it mostly comes from, the likeliest first: a strength (lambda) that is too"
                        + " large for the scale of its importances; weights that a learning rate"
                        + " above max-learning-rate threw far from where earlier tasks left them.";
    }
}
