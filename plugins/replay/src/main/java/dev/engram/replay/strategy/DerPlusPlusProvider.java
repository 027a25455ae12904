package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.util.List;

/** DER++ (Buzzega et al. 2020). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class DerPlusPlusProvider extends ReplayProvider {

    private static final Setting<Double> ALPHA =
            Setting.number("alpha", 0.5, 0, 1e6, "Weight of the distance to stored predictions.");
    private static final Setting<Double> BETA =
            Setting.number("beta", 0.5, 0, 1e6, "Weight of the loss under the stored labels.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public DerPlusPlusProvider() {
        super("der-plus-plus", "DER++: rehearses predictions and labels.", List.of(ALPHA, BETA));
    }

    @Override
    boolean keepsPredictions(Settings settings) {
        return true;
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optDarkExperience(settings.get(ALPHA), settings.get(BETA));
    }
}
