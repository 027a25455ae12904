package com.example.forgetting;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;

class EmaProviderContractTest extends ProviderContract {

    @Override
    protected StrategyProvider provider() {
        return new EmaProvider();
    }

    @Override
    protected Map<String, ?> otherSettings() {
        return Map.of("decay", 0.9, "form", "magnitude", "lambda", 0.5);
    }
}
