package dev.engram.prompttuning;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class PromptTuningProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new PromptTuningProvider();
        }
    }

    @Nested
    class PrefixTuningProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new PrefixTuningProvider();
        }
    }

    @Nested
    class PromptPoolProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new PromptPoolProvider();
        }
    }
}
