package dev.engram.adapters;

import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.IsolationContract;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Bottleneck extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return BottleneckAdapters.builder().addAfter("02LambdaBlock").build();
        }
    }

    @Nested
    class AdaptersProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new AdaptersProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("bottleneck", 2);
        }
    }
}
