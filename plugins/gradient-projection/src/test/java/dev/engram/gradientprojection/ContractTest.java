package dev.engram.gradientprojection;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import dev.engram.tck.ProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** What this plug-in ships keeps the contracts that are asked of everybody. */
class ContractTest {

    @Nested
    class Owm extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("owm", Map.of("alpha", 0.01));
        }

        @Override
        protected String name() {
            return "owm";
        }

        @Override
        protected List<Class<?>> perBatchTypes() {
            return List.of(
                    GradientProjection.class, ProjectedUpdates.class, Layer.class, Removal.class);
        }
    }

    @Nested
    class Gpm extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("gpm", Map.of("share", 0.97));
        }

        @Override
        protected String name() {
            return "gpm";
        }
    }

    @Nested
    class Nscl extends GuardContract {

        @Override
        protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
            return builder.addStrategy("nscl", Map.of("bound", 0.1));
        }

        @Override
        protected String name() {
            return "nscl";
        }
    }

    @Nested
    class OwmProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new OwmProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("alpha", 2, "every", 1);
        }
    }

    @Nested
    class GpmProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new GpmProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("share", 0.9, "inputs", "gradients");
        }
    }

    @Nested
    class NsclProvided extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return new NsclProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("bound", 0.5);
        }
    }
}
