package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Settings;
import dev.engram.replay.rehearsal.RehearsalGuard;
import java.util.List;

/** A-GEM (Chaudhry et al. 2019, "Efficient lifelong learning with A-GEM"). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AGemProvider extends ReplayProvider {

    /** Creates the provider; called by {@code ServiceLoader}. */
    public AGemProvider() {
        super(
                "a-gem",
                "A-GEM: takes out of the gradient what would harm earlier samples.",
                List.of());
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optProjection();
    }
}
