package dev.engram.distillation;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Lwf extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("lwf");
        }

        @Override
        protected String name() {
            return "lwf";
        }

        @Override
        protected boolean actsThroughNewInputs() {
            return true;
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(Distillation.class);
        }
    }

    @Nested
    class Kl extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("kl").optBase(Base.IGNORE);
        }

        @Override
        protected String name() {
            return "kl";
        }

        @Override
        protected boolean protectsWhatWasThere() {
            return true;
        }

        @Override
        protected boolean leavesTheFirstTaskAlone() {
            return false;
        }

        @Override
        protected boolean actsThroughNewInputs() {
            return true;
        }
    }

    @Nested
    class Features extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("feature-distillation");
        }

        @Override
        protected String name() {
            return "feature-distillation";
        }

        @Override
        protected boolean holdsTheLastLayer() {
            return false;
        }

        @Override
        protected boolean actsThroughNewInputs() {
            return true;
        }
    }

    @Nested
    class LwfProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new LwfProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("temperature", 1);
        }
    }

    @Nested
    class FeaturesProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new FeatureDistillationProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }

    @Nested
    class KlProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new KlProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("lambda", 2);
        }
    }
}
