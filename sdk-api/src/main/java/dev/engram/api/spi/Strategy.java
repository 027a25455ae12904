package dev.engram.api.spi;

import dev.engram.api.Stable;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.isolation.ParameterIsolation;
import java.util.Optional;

/** What a provider creates: a guard, or an isolation of parameters. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface Strategy {

    /** Returns the guard, if that is how the strategy works. */
    Optional<ForgettingGuard> guard();

    /** Returns the isolation, if that is how the strategy works. */
    Optional<ParameterIsolation> isolation();

    /** Returns a strategy that consists of a guard. */
    static Strategy of(ForgettingGuard guard) {
        return new CreatedStrategy(Optional.of(guard), Optional.empty());
    }

    /** Returns a strategy that consists of an isolation of parameters. */
    static Strategy of(ParameterIsolation isolation) {
        return new CreatedStrategy(Optional.empty(), Optional.of(isolation));
    }
}
