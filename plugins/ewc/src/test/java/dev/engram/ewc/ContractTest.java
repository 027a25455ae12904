package dev.engram.ewc;

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
    class OnlineEwc extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("ewc-online", Map.of("lambda", 10));
        }

        @Override
        protected String name() {
            return "ewc-online";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(QuadraticPenaltyGuard.class, FisherImportance.class);
        }
    }

    @Nested
    class Ewc extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("ewc", Map.of("lambda", 10));
        }

        @Override
        protected String name() {
            return "ewc";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(QuadraticPenaltyGuard.class, FisherImportance.class);
        }
    }

    @Nested
    class EwcProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new EwcProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }

    @Nested
    class OnlineEwcProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new OnlineEwcProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("gamma", 0.5);
        }
    }

    @Nested
    class Fisher extends EstimatorContract {

        @Override
        protected ImportanceEstimator estimator() {
            return FisherImportance.builder().build();
        }
    }
}
