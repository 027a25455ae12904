package com.example.forgetting;

import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import java.util.List;

class LwfContractTest extends GuardContract {

    @Override
    protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
        return builder.addStrategy("acme-lwf");
    }

    @Override
    protected String name() {
        return "acme-lwf";
    }

    @Override
    protected boolean actsThroughNewInputs() {
        return true;
    }

    @Override
    protected List<Class<?>> perBatchTypes() {
        return List.of(LearningWithoutForgetting.class);
    }
}
