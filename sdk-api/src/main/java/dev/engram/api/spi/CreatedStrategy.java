package dev.engram.api.spi;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.isolation.ParameterIsolation;
import java.util.Optional;

/** The only implementation of {@link Strategy}. */
record CreatedStrategy(Optional<ForgettingGuard> guard, Optional<ParameterIsolation> isolation)
        implements Strategy {}
