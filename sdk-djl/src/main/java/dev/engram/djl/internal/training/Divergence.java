package dev.engram.djl.internal.training;

import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.TrainingView;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said where weights or penalties are not finite: what was seen, and what it comes from.
 */
final class Divergence {

    private static final Logger LOG = LoggerFactory.getLogger(Divergence.class);

    private static final String CAUSES =
            "What it mostly comes from, the likeliest first: a batch whose inputs or labels are not"
                    + " finite; a loss that takes the logarithm of 0 or divides by it; a learning"
                    + " rate that is too high.";

    private Divergence() {}

    /**
     * Returns what is known of weights that are not finite, to follow a colon.
     *
     * @param firstBatch whose gradients were not finite, 0 if none was seen
     */
    static String of(List<String> parameters, long firstBatch) {
        String since =
                firstBatch == 0
                        ? ""
                        : "; the first gradients that were not finite are those of batch "
                                + firstBatch;
        return "the values of %s are not finite%s. %s".formatted(some(parameters), since, CAUSES);
    }

    private static String some(List<String> parameters) {
        return parameters.size() == 1
                ? parameters.get(0)
                : "%d parameters, such as %s,".formatted(parameters.size(), parameters.get(0));
    }

    /** Warns of a penalty that is not finite; looks at all weights, so it is for an epoch's end. */
    static void warnOfPenalty(
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
                        ? "though all weights are finite. What it mostly comes from, the likeliest"
                                + " first: a strength (lambda) that is too large for the scale of"
                                + " its importances; weights that a learning rate above"
                                + " max-learning-rate threw far from where earlier tasks left them."
                        : "because weights are not, either: "
                                + of(wild, firstBatch)
                                + " Break the training off and load the last good weights.");
    }
}
