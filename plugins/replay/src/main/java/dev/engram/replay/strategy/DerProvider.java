package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.util.List;

/** Dark experience replay (Buzzega et al. 2020). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class DerProvider extends ReplayProvider {

    private static final Setting<Double> ALPHA =
            Setting.number("alpha", 0.5, 0, 1e6, "Weight of the distance to stored predictions.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public DerProvider() {
        super(
                "der",
                "DER: rehearses what the model predicted when it saw the samples.",
                List.of(ALPHA));
    }

    @Override
    boolean keepsPredictions(Settings settings) {
        return true;
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optDarkExperience(settings.get(ALPHA), 0);
    }
}
