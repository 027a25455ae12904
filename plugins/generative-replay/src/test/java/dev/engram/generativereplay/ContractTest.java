package dev.engram.generativereplay;

import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.generativereplay.text.SelfRehearsalProvider;
import dev.engram.generativereplay.vae.VaeProvider;
import dev.engram.generativereplay.vae.VaeReplay;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import dev.engram.tck.SourceContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class MixtureSource extends SourceContract {

        @Override
        protected ReplaySource source() {
            return MixtureReplay.builder().build();
        }

        @Override
        protected boolean givesWhatItSaw() {
            return false;
        }
    }

    @Nested
    class MixtureGuard extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("mixture", Map.of("share", 0.5));
        }

        @Override
        protected String name() {
            return "mixture";
        }
    }

    @Nested
    class MixtureProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new MixtureProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("components", 3, "rank", 2, "share", 0.5);
        }
    }

    @Nested
    class SelfRehearsalProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new SelfRehearsalProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("texts", 8, "first-tokens", "plays=3", "share", 0.5);
        }
    }

    @Nested
    class VaeSource extends SourceContract {

        @Override
        protected ReplaySource source() {
            return VaeReplay.builder()
                    .optHidden(32)
                    .optLatent(4)
                    .optRate(0.01)
                    .optIterations(100)
                    .optBatch(32)
                    .build();
        }

        @Override
        protected boolean givesWhatItSaw() {
            return false;
        }
    }

    @Nested
    class VaeGuard extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy(
                    "vae", Map.of("share", 0.5, "hidden", 16, "latent", 2, "iterations", 60));
        }

        @Override
        protected String name() {
            return "vae";
        }
    }

    @Nested
    class VaeProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new VaeProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("layers", "convolutional", "gating", 0.5, "prior", "standard");
        }
    }
}
