package dev.engram.averaging;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Averaging extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("averaging");
        }

        @Override
        protected String name() {
            return "averaging";
        }

        @Override
        protected boolean actsAtSteps() {
            return false;
        }

        /** How far it goes back is told by what the old model answers to these. */
        @Override
        protected boolean actsThroughNewInputs() {
            return true;
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(WeightAveraging.class);
        }
    }

    @Nested
    class AveragingProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new AveragingProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("rule", "inverse");
        }
    }
}
