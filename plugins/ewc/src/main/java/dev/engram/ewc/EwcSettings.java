package dev.engram.ewc;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.penalty.PenaltySettings;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import java.util.List;

/** The settings that both forms of EWC share. */
final class EwcSettings {

    static final Setting<FisherEstimator> ESTIMATOR =
            Setting.choice("estimator", FisherEstimator.SKETCHED, "How the Fisher is computed.");
    static final Setting<FisherLabels> LABELS =
            Setting.choice("labels", FisherLabels.DATA, "Under which labels it is computed.");
    static final Setting<Integer> BATCH_SIZE =
            Setting.integer("batch-size", 64, 1, 1_000_000, "Samples a pass of the sketch.");

    static final List<Setting<?>> ALL = PenaltySettings.and(ESTIMATOR, LABELS, BATCH_SIZE);

    private EwcSettings() {}

    static QuadraticPenaltyGuard.Builder guard(String name, Settings settings) {
        FisherImportance fisher =
                FisherImportance.builder()
                        .optEstimator(settings.get(ESTIMATOR))
                        .optLabels(settings.get(LABELS))
                        .optBatchSize(settings.get(BATCH_SIZE))
                        .build();
        return PenaltySettings.guard(name, fisher, settings);
    }
}
