package dev.engram.lora;

import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.IsolationContract;
import dev.engram.tck.ProviderContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Lora extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return LoraIsolation.builder().build();
        }
    }

    @Nested
    class Dora extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return LoraIsolation.builder().optDecomposed().build();
        }
    }

    @Nested
    class Ia3 extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return LoraIsolation.builder().optRescaling("").build();
        }
    }

    @Nested
    class OLora extends IsolationContract {

        @Override
        protected ParameterIsolation isolation() {
            return LoraIsolation.builder().optOrthogonal(0.5).build();
        }
    }

    @Nested
    class LoraProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new LoraProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("rank", 2);
        }
    }

    @Nested
    class DoraProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new DoraProvider();
        }
    }

    @Nested
    class Ia3Provided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new Ia3Provider();
        }
    }

    @Nested
    class OLoraProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new OLoraProvider();
        }
    }
}
