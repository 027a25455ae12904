package com.example.forgetting;

import dev.engram.djl.ForgettingListener;
import java.nio.file.Path;
import java.util.Map;

/** Our strategies beside those that Engram brings. */
enum Combination {
    EMA_BESIDE_ER {
        @Override
        void addTo(ForgettingListener.Builder builder) {
            builder.addStrategy("acme-ema", Map.of("lambda", 0.1)).addStrategy("er");
        }
    },
    LWF_BESIDE_EWC {
        @Override
        void addTo(ForgettingListener.Builder builder) {
            builder.addStrategy("acme-lwf").addStrategy("ewc-online");
        }
    },
    GAUSS_UNDER_ER {
        @Override
        void addTo(ForgettingListener.Builder builder) {
            builder.addStrategy("er", Map.of("source", "acme-gauss", "acme-gauss.seed", 7));
        }
    },
    GAUSS_UNDER_A_GEM {
        @Override
        void addTo(ForgettingListener.Builder builder) {
            builder.addStrategy("a-gem", Map.of("source", "acme-gauss")).addStrategy("acme-ema");
        }
    };

    abstract void addTo(ForgettingListener.Builder builder);

    ForgettingListener listener(Path memory) {
        ForgettingListener.Builder builder = ForgettingListener.builder().optMemory(memory);
        addTo(builder);
        return builder.build();
    }
}
