package dev.engram.synapticintelligence;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.settings.Settings;
import dev.engram.kit.penalty.Merging;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;

/** What synaptic intelligence and RWalk share: the role they both play, and their guard. */
final class PathPenalty {

    /** Both count the path of training; on one listener they would count it twice. */
    static final String ROLE = "path-penalty";

    private PathPenalty() {}

    static QuadraticPenaltyGuard guard(
            String name, ImportanceEstimator importance, double decay, Settings settings) {
        return PenaltySettings.guard(name, importance, settings)
                .optMerging(Merging.ONLINE)
                .optDecay(decay)
                .build();
    }
}
