package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which guards a base that is protected without data is shown, and which it cannot stand. */
class GuardsOfABaseTest {

    private Model base;

    @BeforeEach
    void pretrain() {
        base = Points.model(1);
        Points.fit(base, 0);
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void besideAHeadThatIsSolvedAnewItIsRefusedBeforeAnythingTrains() {
        try (ForgettingListener listener = listener(new Playing(Role.SOLVED_HEAD), Base.PROTECT)) {
            assertThatThrownBy(() -> Points.trainer(base, listener))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("optBase(Base.PROTECT): [recorder] solve the last layer")
                    .hasMessageContaining("call remember(model, dataset)");
            listener.remember(base);
            Points.fit(base, 1, listener);
            assertThat(listener.tasks()).hasSize(2);
        }
    }

    @Test
    void theWarningRecommendsNothingThatIsRefused() {
        try (ForgettingListener listener = listener(new Playing(Role.SOLVED_HEAD), Base.WARN)) {
            assertThat(Points.said(() -> Points.trainer(base, listener).close()))
                    .contains("what it can do now is NOT protected")
                    .contains("remember(model, dataset)")
                    .doesNotContain("Base.PROTECT");
        }
    }

    @Test
    void oneThatTakesInNoBaseWithoutDataIsLeftOutAndNamed() {
        for (String role : List.of(Role.DISTILLATION, Role.AVERAGING)) {
            Playing guard = new Playing(role);
            try (ForgettingListener listener = listener(guard, Base.PROTECT)) {
                assertThat(Points.said(() -> Points.fit(base, 1, listener)))
                        .contains("[recorder] keep an earlier state")
                        .contains("protectsBase is false");
                assertThat(listener.tasks()).hasSize(2);
            }
        }
    }

    @Test
    void theRolesThatAProviderStatesAreThoseOfItsGuard() {
        Playing guard = new Playing();
        guard.protects = true;
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addProvider(new Provider(guard))
                        .addStrategy("told")
                        .optBase(Base.PROTECT)
                        .build()) {
            Points.fit(base, 1, listener);
        }
        assertThat(guard.shape).isNotNull();
    }

    @Test
    void whatTheLastLayerSeesIsShownOfTheUsersOwnBlock() {
        Playing guard = new Playing(Role.DISTILLATION);
        guard.protects = true;
        guard.adds = true;
        try (ForgettingListener listener = listener(guard, Base.PROTECT)) {
            Points.fit(base, 1, listener);
        }
        assertThat(guard.shape).isEqualTo(new Shape(Points.BATCH, 16));
    }

    private static ForgettingListener listener(ForgettingGuard guard, Base asked) {
        return ForgettingListener.builder().addGuard(guard).optBase(asked).build();
    }

    /** Plays roles, and takes note of what it is shown of the base. */
    private static final class Playing extends Recorder {

        private final Set<String> roles;
        private boolean protects;
        private boolean adds;
        private Shape shape;

        Playing(String... roles) {
            this.roles = Set.of(roles);
        }

        @Override
        public Set<String> roles() {
            return roles;
        }

        @Override
        public boolean protectsBase() {
            return protects;
        }

        @Override
        public boolean addsToLoss() {
            return adds;
        }

        @Override
        public void onBase(FinishedTask shown) {
            if (!protects) {
                super.onBase(shown);
            }
            SampleBatch first = shown.samples(Points.BATCH).iterator().next();
            shape = shown.features(first.data()).getShape();
        }

        @Override
        public void onAnchor(TrainingView training) {}
    }

    /** States the role that its guard leaves to it. */
    private record Provider(ForgettingGuard guard) implements StrategyProvider {

        @Override
        public String id() {
            return "told";
        }

        @Override
        public String spiVersion() {
            return SpiVersion.CURRENT;
        }

        @Override
        public String description() {
            return "for tests";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public Strategy create(Settings settings) {
            return Strategy.of(guard);
        }

        @Override
        public Set<String> roles() {
            return Set.of(Role.DISTILLATION);
        }
    }
}
