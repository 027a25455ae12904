package com.example.forgetting;

import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import dev.engram.tck.SourceContract;
import org.junit.jupiter.api.Nested;

class GaussContractTest {

    @Nested
    class Source extends SourceContract {

        @Override
        protected ReplaySource source() {
            return new GaussianSource(8, 1);
        }

        @Override
        protected boolean givesWhatItSaw() {
            return false;
        }
    }

    @Nested
    class Provided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new GaussProvider();
        }
    }
}
