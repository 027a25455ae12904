package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.EngramException;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BrokenStrategiesTest {

    private final FakeStrategy mine = new FakeStrategy("mine");
    private final FakeStrategy other = new FakeStrategy("other");

    static Stream<RuntimeException> exceptions() {
        return Stream.of(
                new IllegalStateException("no licence"),
                new NullPointerException("no licence"),
                new EngramException("no licence"));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void whatCreateThrowsNamesTheStrategy(RuntimeException error) {
        mine.create =
                () -> {
                    throw error;
                };
        assertThatThrownBy(() -> builder().addStrategy("mine").build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Strategy \"mine\"")
                .hasMessageContaining("no licence")
                .hasCause(error);
    }

    @Test
    void anErrorOfLinkageNamesStrategyJarAndBothVersions() {
        mine.create =
                () -> {
                    throw new NoSuchMethodError("dev.engram.api.Gone.gone()");
                };
        assertThatThrownBy(() -> builder().addStrategy("mine").build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Strategy \"mine\" failed in create(...)")
                .hasMessageContaining("dev.engram.api.Gone.gone()")
                .hasMessageContaining("versions that do not fit")
                .hasMessageContaining("FakeStrategy in file:")
                // Engram's own version stands between, where it runs from a jar.
                .hasMessageMatching("(?s).*built for SPI 1\\.0; this is Engram .*with SPI 1\\.0.*");
    }

    @Test
    void nothingInsteadOfAStrategySettingsVersionOrRolesNamesTheCall() {
        mine.create = () -> null;
        assertRefused("create(...)");
        mine.create = () -> Strategy.of(new FakeGuard("made"));
        mine.settings = () -> null;
        assertRefused("settings()");
        mine.settings = List::of;
        mine.version = () -> null;
        assertRefused("spiVersion()");
        mine.version = () -> "1.0";
        mine.roles = () -> null;
        assertRefused("roles()");
        mine.roles = Set::of;
        mine.needs = () -> new HashSet<>(List.of(List.of().get(0).toString()));
        assertRefused("needs()");
    }

    private void assertRefused(String call) {
        assertThatThrownBy(() -> builder().addStrategy("mine").build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Strategy \"mine\" failed in " + call);
    }

    @Test
    void allProblemsAreToldAndWhatWasMadeIsClosed() {
        FakeGuard made = new FakeGuard("made");
        FakeStrategy whole = new FakeStrategy("whole");
        whole.create = () -> Strategy.of(made);
        mine.create =
                () -> {
                    throw new IllegalArgumentException("a and b do not go together");
                };
        ForgettingListener.Builder builder =
                ForgettingListener.builder()
                        .addModule(FakeStrategy.module(whole, mine, other))
                        .addStrategy("whole")
                        .addStrategy("mine")
                        .addStrategy("other", Map.of("nonsense", 1));
        assertThatThrownBy(builder::build)
                .hasMessageContaining("\"mine\" have 1 problem:\n  - a and b do not go together")
                .hasMessageContaining("unknown setting \"nonsense\"");
        assertThat(made.isClosed).isTrue();
    }

    @Test
    void settingsThatDoNotGoTogetherAreAnErrorOfSettings() {
        mine.create =
                () -> {
                    throw new IllegalArgumentException("a and b do not go together");
                };
        assertThatThrownBy(() -> builder().addStrategy("mine").build())
                .isInstanceOf(SettingsException.class)
                .hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aGuardThatThrowsWhenItIsAskedForItsRolesOrNameIsNamed() {
        FakeGuard rude =
                new FakeGuard("rude") {
                    @Override
                    public Set<String> roles() {
                        throw new IllegalStateException("ask later");
                    }
                };
        assertThatThrownBy(() -> ForgettingListener.builder().addGuard(rude).build())
                .hasMessageContaining("Guard \"rude\" failed in roles()")
                .hasMessageContaining("ask later");
        FakeGuard nameless = new FakeGuard(null);
        assertThatThrownBy(() -> ForgettingListener.builder().addGuard(nameless).build())
                .hasMessageContaining("FakeGuard")
                .hasMessageContaining("failed in name(): it returned null");
    }

    private ForgettingListener.Builder builder() {
        return ForgettingListener.builder().addModule(FakeStrategy.module(mine, other));
    }
}
