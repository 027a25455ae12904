package dev.engram.api.spi;

import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.replay.ReplaySource;
import java.util.Optional;

/** The only implementation of {@link Strategy}; one of its parts is there. */
record CreatedStrategy(
        Optional<ForgettingGuard> guard,
        Optional<ParameterIsolation> isolation,
        Optional<ImportanceEstimator> importance,
        Optional<ReplaySource> source)
        implements Strategy {}
