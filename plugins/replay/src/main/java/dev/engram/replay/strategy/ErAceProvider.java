package dev.engram.replay.strategy;

import dev.engram.api.Stable;
import dev.engram.api.settings.Settings;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.kit.rehearsal.RehearsalSettings;
import java.util.List;

/** ER-ACE (Caccia et al. 2022), for class-incremental learning. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ErAceProvider extends ReplayProvider {

    /** Creates the provider; called by {@code ServiceLoader}. */
    public ErAceProvider() {
        super(
                "er-ace",
                "ER-ACE: replay for a shared head; new classes do not push earlier ones down.",
                List.of(RehearsalSettings.WEIGHING));
    }

    @Override
    void configure(RehearsalGuard.Builder guard, Settings settings) {
        guard.optWeighing(settings.get(RehearsalSettings.WEIGHING)).optAsymmetricLoss();
    }
}
