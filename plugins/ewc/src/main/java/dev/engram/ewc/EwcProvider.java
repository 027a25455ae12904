package dev.engram.ewc;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.kit.penalty.Merging;
import java.util.List;
import java.util.Set;

/** Elastic weight consolidation with one term a task (Kirkpatrick et al. 2017, equation 3). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class EwcProvider implements StrategyProvider {

    private static final String FISHER_PENALTY = "fisher-penalty";

    @Override
    public String id() {
        return "ewc";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return "EWC with one quadratic term a task, kept as their exact sum.";
    }

    @Override
    public List<Setting<?>> settings() {
        return EwcSettings.ALL;
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.PENALTY, FISHER_PENALTY);
    }

    @Override
    public Set<String> excludedRoles() {
        return Set.of(FISHER_PENALTY);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(EwcSettings.guard(id(), settings).optMerging(Merging.SUM).build());
    }
}
