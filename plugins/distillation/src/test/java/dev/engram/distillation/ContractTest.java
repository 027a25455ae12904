package dev.engram.distillation;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class LwfProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new LwfProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("temperature", 1);
        }
    }

    @Nested
    class FeaturesProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new FeatureDistillationProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }

    @Nested
    class KlProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new KlProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }
}
