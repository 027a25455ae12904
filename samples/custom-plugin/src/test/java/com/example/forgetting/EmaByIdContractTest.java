package com.example.forgetting;

import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import java.util.List;

/** As its users have it, joined with the penalty. */
class EmaByIdContractTest extends GuardContract {

    @Override
    protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
        return builder.addStrategy(name());
    }

    @Override
    protected String name() {
        return "acme-ema";
    }

    @Override
    protected List<Class<?>> perBatchTypes() {
        return List.of(MovingAverageImportance.class);
    }
}
