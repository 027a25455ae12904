package com.example.forgetting;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.EstimatorContract;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class EmaContractTest {

    @Nested
    class Importance extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return new MovingAverageImportance(0.99);
        }

        @Override
        protected boolean listensToSteps() {
            return true;
        }
    }

    @Nested
    class Provided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new EmaProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("decay", 0.9, "lambda", 0.5);
        }
    }
}
