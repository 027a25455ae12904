package dev.engram.mas;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.penalty.QuadraticPenaltyGuard;
import dev.engram.tck.EstimatorContract;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Mas extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("mas", Map.of("lambda", 10, "samples", 200));
        }

        @Override
        protected String name() {
            return "mas";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(QuadraticPenaltyGuard.class, OutputSensitivity.class);
        }
    }

    @Nested
    class MasProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new MasProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("gamma", 0.5);
        }
    }

    @Nested
    class Sensitivity extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return OutputSensitivity.builder().optSamples(200).build();
        }
    }
}
