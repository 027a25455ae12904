package dev.engram.kit.calls;

import dev.engram.api.Experimental;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.replay.ReplaySource;

/**
 * Stands before what a guard drives: an error that is none of Engram's own kind then names the
 * class, its jar, the versions and the call that failed. A guard's own errors are named by the
 * runtime.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PluginCalls {

    private PluginCalls() {}

    /** Returns the estimator as a guard is to call it. */
    public static ImportanceEstimator to(ImportanceEstimator estimator) {
        return PluggedEstimator.of(estimator);
    }

    /** Returns the source as a guard is to call it. */
    public static ReplaySource to(ReplaySource source) {
        return PluggedSource.of(source);
    }

    /** Returns the estimator that a strategy consists of, under the strategy's name. */
    public static ImportanceEstimator to(ImportanceEstimator estimator, PluginPart strategy) {
        return new PluggedEstimator(estimator, strategy);
    }

    /**
     * Returns the source that a strategy consists of, under the strategy's name; in the memory of
     * whatever guard drives it, it has a share of its own.
     */
    public static ReplaySource to(ReplaySource source, PluginPart strategy) {
        return PluggedSource.of(source, strategy);
    }
}
