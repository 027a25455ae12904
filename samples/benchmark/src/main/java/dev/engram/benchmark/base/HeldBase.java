package dev.engram.benchmark.base;

import ai.djl.Model;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import java.util.List;

/** What of a pretrained model is held while it learns another task. */
enum HeldBase {
    /** Its answers to inputs that it is asked for. */
    ANSWERS,
    /** All its weights, equally firmly. */
    WEIGHTS,
    /** What the strategies hold of themselves. */
    STRATEGY;

    ForgettingListener listener(List<String> strategies, double strength) {
        ForgettingListener.Builder builder =
                ForgettingListener.builder().optBase(this == ANSWERS ? Base.PROTECT : Base.IGNORE);
        strategies.forEach(builder::addStrategy);
        return (this == ANSWERS ? builder.optBaseStrength(strength) : builder).build();
    }

    void before(ForgettingListener listener, Model base) {
        if (this == WEIGHTS) {
            listener.remember(base);
        }
    }
}
