package dev.engram.averaging;

import dev.engram.api.guard.FinishedTask;

/**
 * Finds one share of the new weights for all of them.
 *
 * @param rule how
 * @param cost what {@link AveragingRule#KL} may cost the new task
 * @param fixed the share of {@link AveragingRule#FIXED}
 * @param probes how many samples {@link AveragingRule#PROBES} looks at of each task
 */
record ShareSearch(AveragingRule rule, double cost, double fixed, int probes) {

    /** Returns the share for a line, where so many tasks were learnt before. */
    double of(FinishedTask task, Line line, Probes kept, int learnt) {
        SearchedLoss searched = new SearchedLoss(task, line);
        return switch (rule) {
            case KL -> bounded(new NewSamples(task, line));
            case PROBES -> LineSearch.least(at -> searched.ofProbes(at, kept.all(), probes));
            case FIXED -> fixed;
            case INVERSE, FISHER -> 1.0 / (1 + learnt);
        };
    }

    private double bounded(NewSamples samples) {
        double found = LineSearch.least(samples::loss);
        return Math.max(found, LineSearch.lowest(share -> samples.cost(share) <= cost));
    }
}
