package dev.engram.analytic;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class ProvidersContractTest {

    @Nested
    class RidgeHead extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new RidgeHeadProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 1e-3, "epochs", 2, "precision", "single");
        }
    }

    @Nested
    class Slda extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new SldaProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("shrinkage", 0.01);
        }
    }

    @Nested
    class Ncm extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new NcmProvider();
        }
    }
}
