package dev.engram.synapticintelligence;

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
    class Si extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("si", Map.of("lambda", 10));
        }

        @Override
        protected String name() {
            return "si";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(QuadraticPenaltyGuard.class, PathIntegralImportance.class);
        }
    }

    @Nested
    class RWalk extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("rwalk", Map.of("lambda", 10));
        }

        @Override
        protected String name() {
            return "rwalk";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(QuadraticPenaltyGuard.class, WalkImportance.class);
        }
    }

    @Nested
    class SiProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new SiProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }

    @Nested
    class RWalkProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new RWalkProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }

    @Nested
    class PathIntegral extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return PathIntegralImportance.builder().build();
        }

        @Override
        protected boolean listensToSteps() {
            return true;
        }
    }

    @Nested
    class Walk extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return WalkImportance.builder().build();
        }

        @Override
        protected boolean listensToSteps() {
            return true;
        }
    }
}
