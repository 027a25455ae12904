package com.example.forgetting;

import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.IsolationContract;
import dev.engram.tck.ProviderContract;
import org.junit.jupiter.api.Nested;

class BitFitContractTest {

    @Nested
    class Isolation extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return new BitFit(true);
        }
    }

    @Nested
    class Provided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new BitFitProvider();
        }
    }
}
