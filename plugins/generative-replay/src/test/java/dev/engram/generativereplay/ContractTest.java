package dev.engram.generativereplay;

import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListenerBuilder;
import dev.engram.generativereplay.text.SelfRehearsalProvider;
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
        protected ForgettingListenerBuilder addTo(ForgettingListenerBuilder builder) {
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
}
