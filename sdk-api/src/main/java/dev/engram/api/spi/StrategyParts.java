package dev.engram.api.spi;

import dev.engram.api.Stable;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import java.util.Optional;

/**
 * What a strategy is made with besides its settings: the parts of other strategies that its user
 * named by id, see {@link Setting#strategy}.
 *
 * <p>The runtime has created them, from settings of their own that users write as {@code id.key}.
 * Whoever takes one drives it: calls it as its contract says, lets it save and restore, closes it.
 * What a part saves is kept apart from what its driver saves. Each may be taken once.
 */
@Stable(since = "0.1", implementedBy = "Engram")
public interface StrategyParts {

    /** Returns the source of samples of the strategy that a setting names; none unless set. */
    Optional<ReplaySource> source(Setting<Optional<String>> chosen);

    /** Returns the importance of the strategy that a setting names; none unless set. */
    Optional<ImportanceEstimator> importance(Setting<Optional<String>> chosen);

    /** Returns no parts, for strategies that are created by hand. */
    static StrategyParts none() {
        return new NoParts();
    }
}
