package dev.engram.synapticintelligence;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.provider.PenaltyProvider;
import java.util.List;

/** Synaptic intelligence (Zenke et al. 2017): importances of all tasks add up. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SiProvider extends PenaltyProvider {

    private static final Setting<Double> XI =
            Setting.number(
                    "xi",
                    0.1,
                    1e-12,
                    1e12,
                    "Damping: what is added to a parameter's squared way, which divides its share"
                            + " in the loss.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public SiProvider() {
        super(
                "si",
                "Synaptic intelligence: importance from the path of training, no extra passes.",
                PathPenalty.ROLE);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return PenaltySettings.and(XI);
    }

    @Override
    public Strategy create(Settings settings) {
        PathIntegralImportance importance =
                PathIntegralImportance.builder().optDamping(settings.get(XI)).build();
        return Strategy.of(PathPenalty.guard(id(), importance, 1, settings));
    }
}
