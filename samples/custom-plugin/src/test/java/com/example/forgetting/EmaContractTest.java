package com.example.forgetting;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.tck.EstimatorContract;
import java.util.Optional;

class EmaContractTest extends EstimatorContract {

    @Override
    protected ImportanceEstimator estimator() {
        return new MovingAverageImportance(0.99, Form.SQUARE);
    }

    @Override
    protected boolean listensToSteps() {
        return true;
    }

    @Override
    protected Optional<ImportanceEstimator> ofOtherState() {
        return Optional.of(new MovingAverageImportance(0.99, Form.MAGNITUDE));
    }
}
