package dev.engram.api.spi;

import dev.engram.api.Stable;

/** Roles known to Engram; a plug-in may name roles of its own. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Role {

    /** Adds a quadratic penalty that holds parameters near an anchor. */
    public static final String PENALTY = "penalty";

    /** Trains on samples of earlier tasks beside the batch. */
    public static final String REHEARSAL = "rehearsal";

    /**
     * Says how much tasks need each parameter: the strategy is made of an {@code
     * ImportanceEstimator}, which the runtime joins with the quadratic penalty and its settings, so
     * that it plays {@link #PENALTY}, too.
     */
    public static final String IMPORTANCE = "importance";

    /**
     * Gives samples of earlier tasks: the strategy is made of a {@code ReplaySource}. Alone on a
     * listener the runtime joins it with rehearsal and its settings, so that it plays {@link
     * #REHEARSAL}, too; a strategy that rehearses takes it by id, as {@code er} with its setting
     * {@code source}.
     */
    public static final String SOURCE = "replay-source";

    /** Gives each task parameters of its own. */
    public static final String ISOLATION = "isolation";

    /**
     * Compares the loop's gradients with those of passes of its own; refused where the latter are
     * not to be seen, as with tasks' own parameters over a TorchScript block.
     */
    public static final String PROJECTION = "projection";

    /**
     * Sets the model's last layer itself when a task ends: what a loop makes of it meanwhile, and
     * of new classes on it, takes nothing from earlier tasks.
     */
    public static final String SOLVED_HEAD = "solved-head";

    /**
     * Changes the weights when a task ends; prepares for that before the others look at them, and
     * is told of a base that is protected, whoever else protects it.
     */
    public static final String AVERAGING = "averaging";

    /**
     * Holds the model to an earlier state's answers; is told of a base that is protected, whoever
     * else protects it.
     */
    public static final String DISTILLATION = "distillation";

    private Role() {}
}
