package dev.engram.replay;

import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.strategy.AGemProvider;
import dev.engram.replay.strategy.DerPlusPlusProvider;
import dev.engram.replay.strategy.DerProvider;
import dev.engram.replay.strategy.ErAceProvider;
import dev.engram.replay.strategy.ExperienceReplayProvider;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import dev.engram.tck.SourceContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Er extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("er", Map.of());
        }

        @Override
        protected String name() {
            return "er";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(RehearsalGuard.class);
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected boolean drawsAnew() {
            return true;
        }
    }

    @Nested
    class ErAce extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("er-ace", Map.of());
        }

        @Override
        protected String name() {
            return "er-ace";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(RehearsalGuard.class);
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected boolean drawsAnew() {
            return true;
        }

        @Override
        protected boolean leavesTheFirstTaskAlone() {
            return false;
        }
    }

    @Nested
    class Der extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("der", Map.of("alpha", 2));
        }

        @Override
        protected String name() {
            return "der";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(RehearsalGuard.class);
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected boolean drawsAnew() {
            return true;
        }
    }

    @Nested
    class DerPlusPlus extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("der-plus-plus", Map.of());
        }

        @Override
        protected String name() {
            return "der-plus-plus";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(RehearsalGuard.class);
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected boolean drawsAnew() {
            return true;
        }
    }

    @Nested
    class AGem extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("a-gem", Map.of());
        }

        @Override
        protected String name() {
            return "a-gem";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(RehearsalGuard.class);
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected boolean drawsAnew() {
            return true;
        }
    }

    @Nested
    class ExperienceReplayProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new ExperienceReplayProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 100);
        }
    }

    @Nested
    class ErAceProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new ErAceProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 100);
        }
    }

    @Nested
    class DerProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new DerProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 100);
        }
    }

    @Nested
    class DerPlusPlusProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new DerPlusPlusProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 100);
        }
    }

    @Nested
    class AGemProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new AGemProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 100);
        }
    }

    @Nested
    class Buffer extends SourceContract {

        @Override
        protected ReplaySource source() {
            return ReplayBuffer.builder().optBudget(Budget.ofSamples(400)).build();
        }
    }
}
