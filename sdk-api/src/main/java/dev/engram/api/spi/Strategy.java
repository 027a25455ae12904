package dev.engram.api.spi;

import dev.engram.api.Stable;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.replay.ReplaySource;
import java.util.Optional;

/** What a provider creates: a guard, an isolation of parameters, an importance, or a source. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface Strategy {

    /** Returns the guard, if that is how the strategy works. */
    Optional<ForgettingGuard> guard();

    /** Returns the isolation, if that is how the strategy works. */
    Optional<ParameterIsolation> isolation();

    /** Returns the importance of parameters, if that is what the strategy tells. */
    Optional<ImportanceEstimator> importance();

    /** Returns the source of samples of earlier tasks, if that is what the strategy gives. */
    Optional<ReplaySource> source();

    /** Returns a strategy that consists of a guard. */
    static Strategy of(ForgettingGuard guard) {
        return new CreatedStrategy(
                Optional.of(guard), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Returns a strategy that consists of an isolation of parameters. */
    static Strategy of(ParameterIsolation isolation) {
        return new CreatedStrategy(
                Optional.empty(), Optional.of(isolation), Optional.empty(), Optional.empty());
    }

    /**
     * Returns a strategy that says how much tasks need each parameter; the runtime joins it with
     * the quadratic penalty. Its provider must play {@link Role#IMPORTANCE}.
     */
    static Strategy of(ImportanceEstimator importance) {
        return new CreatedStrategy(
                Optional.empty(), Optional.empty(), Optional.of(importance), Optional.empty());
    }

    /**
     * Returns a strategy that gives samples of earlier tasks; the runtime joins it with rehearsal.
     * Its provider must play {@link Role#SOURCE}.
     */
    static Strategy of(ReplaySource source) {
        return new CreatedStrategy(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(source));
    }
}
