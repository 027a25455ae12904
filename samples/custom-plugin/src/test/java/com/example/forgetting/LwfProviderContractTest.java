package com.example.forgetting;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.ProviderContract;
import java.util.Map;

class LwfProviderContractTest extends ProviderContract {

    @Override
    protected StrategyProvider provider() {
        return new LwfProvider();
    }

    @Override
    protected Map<String, ?> otherSettings() {
        return Map.of("strength", 0.5, "temperature", 1);
    }
}
