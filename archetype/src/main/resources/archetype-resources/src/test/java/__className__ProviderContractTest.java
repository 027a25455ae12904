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
#if( $kind == "importance" )
        return Map.of("decay", 0.9, "lambda", 0.5);
#else
        return Map.of("strength", 0.5);
#end
    }
}
