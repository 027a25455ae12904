package dev.engram.api.spi;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import java.util.Optional;

/** The parts of a strategy whose user named none. */
record NoParts() implements StrategyParts {

    @Override
    public Optional<ReplaySource> source(Setting<Optional<String>> chosen) {
        return Optional.empty();
    }

    @Override
    public Optional<ImportanceEstimator> importance(Setting<Optional<String>> chosen) {
        return Optional.empty();
    }
}
