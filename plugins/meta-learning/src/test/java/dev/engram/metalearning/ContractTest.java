package dev.engram.metalearning;

import dev.engram.api.replay.ReplaySource;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.metalearning.internal.samples.TaskSamples;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import dev.engram.tck.SourceContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class LaMamlBehindTheStep extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("la-maml", Map.of("share", 0.5));
        }

        @Override
        protected String name() {
            return "la-maml";
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(LaMaml.class, LearntSteps.class, ScaledUpdate.class, TaskSamples.class);
        }
    }

    @Nested
    class LaMamlBehindAPass extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy(
                    "la-maml",
                    Map.of(
                            "share",
                            0.5,
                            "variant",
                            "sync",
                            "look-ahead",
                            "pass",
                            "inner-rate",
                            0.01,
                            "per",
                            "row"));
        }

        @Override
        protected String name() {
            return "la-maml";
        }

        @Override
        protected boolean keepsSamples() {
            return true;
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(LookedAhead.class);
        }
    }

    @Nested
    class MetaSgdOfOneSize extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("meta-sgd", Map.of("otherwise", 0.03));
        }

        @Override
        protected String name() {
            return "meta-sgd";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(MetaSgd.class);
        }
    }

    @Nested
    class SamplesOfItsOwn extends SourceContract {

        @Override
        protected ReplaySource source() {
            return new TaskSamples(400, 1);
        }
    }

    @Nested
    class LaMamlProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new LaMamlProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("samples", 20, "look-ahead", "pass", "variant", "sync");
        }
    }

    @Nested
    class MetaSgdProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new MetaSgdProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("otherwise", 0.5);
        }
    }
}
