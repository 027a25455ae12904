package dev.engram.ewc;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.penalty.Merging;
import dev.engram.kit.provider.PenaltyProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * Online EWC (Schwarz et al. 2018, section 4): earlier importance decays, the newest weights
 * anchor.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class OnlineEwcProvider extends PenaltyProvider {

    private static final String FISHER_PENALTY = "fisher-penalty";

    private static final Setting<Double> GAMMA =
            Setting.number("gamma", 1, 0, 1, "What remains of earlier importance after each task.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public OnlineEwcProvider() {
        super(
                "ewc-online",
                "Online EWC: one anchor, importance that decays by gamma with each task.",
                FISHER_PENALTY);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        List<Setting<?>> all = new ArrayList<>(EwcSettings.ALL);
        all.add(GAMMA);
        return List.copyOf(all);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(
                EwcSettings.guard(id(), settings)
                        .optMerging(Merging.ONLINE)
                        .optDecay(settings.get(GAMMA))
                        .build());
    }
}
