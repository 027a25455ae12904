package dev.engram.ewc;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.penalty.Merging;
import dev.engram.kit.provider.PenaltyProvider;
import java.util.List;

/** Elastic weight consolidation with one term a task (Kirkpatrick et al. 2017, equation 3). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class EwcProvider extends PenaltyProvider {

    private static final String FISHER_PENALTY = "fisher-penalty";

    /** Creates the provider, as {@code ServiceLoader} does. */
    public EwcProvider() {
        super(
                "ewc",
                "EWC with one quadratic term a task, kept as their exact sum.",
                FISHER_PENALTY);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return EwcSettings.ALL;
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(EwcSettings.guard(id(), settings).optMerging(Merging.SUM).build());
    }
}
