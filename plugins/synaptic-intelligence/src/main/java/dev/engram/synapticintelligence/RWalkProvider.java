package dev.engram.synapticintelligence;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.provider.PenaltyProvider;
import java.util.List;

/** RWalk (Chaudhry et al. 2018): Fisher and path score together. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RWalkProvider extends PenaltyProvider {

    private static final Setting<Double> GAMMA =
            Setting.number(
                    "gamma", 0.5, 0, 1, "What remains of earlier importance after each task.");
    private static final Setting<Double> ALPHA =
            Setting.number(
                    "alpha", 0.9, 0, 0.999999, "What stays of the moving Fisher at each step.");
    private static final Setting<Double> EPSILON =
            Setting.number(
                    "epsilon",
                    0.1,
                    1e-12,
                    1e12,
                    "Damping of the path score, in units of the loss.");
    private static final Setting<Integer> INTERVAL =
            Setting.integer(
                    "interval", 10, 1, 1_000_000, "Steps after which a stretch of path is scored.");

    /** Creates the provider, as {@code ServiceLoader} does. */
    public RWalkProvider() {
        super(
                "rwalk",
                "RWalk: a moving Fisher plus a path score, no extra passes.",
                PathPenalty.ROLE);
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public List<Setting<?>> settings() {
        return PenaltySettings.and(GAMMA, ALPHA, EPSILON, INTERVAL);
    }

    @Override
    public Strategy create(Settings settings) {
        WalkImportance importance =
                WalkImportance.builder()
                        .optAverage(settings.get(ALPHA))
                        .optDamping(settings.get(EPSILON))
                        .optInterval(settings.get(INTERVAL))
                        .build();
        return Strategy.of(PathPenalty.guard(id(), importance, settings.get(GAMMA), settings));
    }
}
