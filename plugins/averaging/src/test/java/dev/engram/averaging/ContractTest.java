package dev.engram.averaging;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

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
