package ${package};

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;

/** Rules P1 to P9. */
class ${className}ProviderContractTest extends ProviderContract {

    @Override
    protected StrategyProvider provider() {
        return new ${className}Provider();
    }

    @Override
    protected Map<String, ?> otherSettings() {
        return Map.of("strength", 0.5);
    }
}
