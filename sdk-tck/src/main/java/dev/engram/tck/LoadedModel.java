package dev.engram.tck;

import ai.djl.Model;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.function.Supplier;

/** A model that was trained where no estimator listened: what is estimated of it. */
final class LoadedModel {

    private LoadedModel() {}

    /** Requires that a second estimate leaves no array open that the first did not. */
    static void requireNothingStays(Supplier<ImportanceEstimator> made, String hint) {
        try (Model model = trained();
                ImportanceEstimator estimator = made.get()) {
            FinishedTaskProbe.remember(model, 0, estimator::estimate);
            int before = LiveArrays.count();
            FinishedTaskProbe.remember(model, 0, estimator::estimate);
            LiveArrays.requireStill(before, "a second estimate(...)", hint);
        }
    }

    /** Requires that an estimate leaves the model's values as they are. */
    static void requireItStays(Supplier<ImportanceEstimator> made) {
        try (Model model = trained();
                ImportanceEstimator estimator = made.get()) {
            Weights before = Weights.of(model);
            FinishedTaskProbe.remember(model, 0, estimator::estimate);
            Weights.of(model).requireSame(before, "estimate(...) changed them");
        }
    }

    private static Model trained() {
        Model model = SmallTasks.model();
        SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS);
        return model;
    }
}
