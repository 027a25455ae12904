package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Settings;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.kit.rehearsal.RehearsalSettings;
import java.util.List;

/** Experience replay (Chaudhry et al. 2019; Rolnick et al. 2019). */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ExperienceReplayProvider extends ReplayProvider {

    /** Creates the provider; called by {@code ServiceLoader}. */
    public ExperienceReplayProvider() {
        super(
                "er",
                "Experience replay: earlier samples train beside each batch.",
                List.of(RehearsalSettings.WEIGHING, RehearsalSettings.SOFT_TARGETS));
    }

    /**
     * Four steps share one; 1 is the method as published. Of 1, 2, 4 and 8 the largest that costs
     * less than a point on each of three data sets: docs/benchmarks/README.md.
     */
    @Override
    int rehearsesEvery() {
        return 4;
    }

    @Override
    boolean keepsPredictions(Settings settings) {
        return settings.get(RehearsalSettings.SOFT_TARGETS).isPresent();
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optWeighing(settings.get(RehearsalSettings.WEIGHING));
        settings.get(RehearsalSettings.SOFT_TARGETS).ifPresent(guard::optSoftTargets);
    }
}
