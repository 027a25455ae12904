package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.util.List;
import java.util.Set;

/** A-GEM (Chaudhry et al. 2019, "Efficient lifelong learning with A-GEM"). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AGemProvider extends ReplayProvider {

    private static final Setting<Double> MEMORY_STRENGTH =
            Setting.number(
                    "memory-strength",
                    0,
                    0,
                    1e6,
                    "How much of the earlier samples' gradient every step must have at least: 0"
                            + " only forbids harm, more makes earlier tasks better.");

    /** Creates the provider; called by {@code ServiceLoader}. */
    public AGemProvider() {
        super(
                "a-gem",
                "A-GEM: takes out of the gradient what would harm earlier samples.",
                List.of(MEMORY_STRENGTH));
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.REHEARSAL, Role.PROJECTION);
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optProjection(settings.get(MEMORY_STRENGTH));
    }
}
