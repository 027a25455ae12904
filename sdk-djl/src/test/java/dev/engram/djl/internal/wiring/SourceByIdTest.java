package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A strategy that takes the source that another makes, as its user says. */
class SourceByIdTest {

    private static final Setting<Optional<String>> SOURCE =
            Setting.strategy("source", Role.SOURCE, "Where samples are from.");
    private static final Setting<Integer> BINS = Setting.integer("bins", 2, 1, 9, "Bins.");

    private final FakeSource source = new FakeSource();
    private final FakeStrategy gauss = new FakeStrategy("acme-gauss");
    private final FakeStrategy user = new FakeStrategy("user");
    private int bins;

    SourceByIdTest() {
        gauss.roles = () -> Set.of(Role.SOURCE);
        gauss.settings = () -> List.of(BINS);
        gauss.createWith =
                (settings, parts) -> {
                    bins = settings.get(BINS);
                    return Strategy.of(source);
                };
        user.settings = () -> List.of(SOURCE);
        user.createWith =
                (settings, parts) -> Strategy.of(new Driving(parts.source(SOURCE).orElseThrow()));
    }

    @Test
    void itIsMadeFromItsOwnSettingsAndDriven() {
        try (ForgettingListener listener =
                with(Map.of("source", "acme-gauss", "acme-gauss.bins", 3)).build()) {
            assertThat(bins).isEqualTo(3);
            assertThat(listener.tasks()).isEmpty();
        }
        assertThat(source.isClosed).isTrue();
    }

    @Test
    void aWrongSettingOfASourceIsToldWithTheOthers() {
        assertThatThrownBy(
                        with(Map.of("source", "acme-gauss", "acme-gauss.bins", 99, "nonsense", 1))
                                ::build)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("\"user\" have 2 problems")
                .hasMessageContaining("acme-gauss.bins = \"99\" is not acceptable")
                .hasMessageContaining("unknown setting \"nonsense\"");
    }

    @Test
    void anUnknownSourceAndOneThatIsNoneSayWhatToDo() {
        assertThatThrownBy(with(Map.of("source", "acme-gaus"))::build)
                .hasMessageContaining("source = \"acme-gaus\" is not acceptable")
                .hasMessageContaining("Did you mean \"acme-gauss\"?");
        assertThatThrownBy(with(Map.of("source", "user"))::build)
                .hasMessageContaining("\"user\" does not play the role \"replay-source\"");
    }

    @Test
    void whateverIsNotUsedIsClosedAndNamed() {
        user.createWith = (settings, parts) -> Strategy.of(new FakeGuard("made"));
        assertThatThrownBy(with(Map.of("source", "acme-gauss"))::build)
                .hasMessageContaining("Strategy \"user\" declares [source], but create(...) never");
        assertThat(source.isClosed).isTrue();
    }

    @Test
    void aSourceWithoutItsRoleIsRefusedAndClosed() {
        gauss.roles = Set::of;
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addModule(FakeStrategy.module(gauss))
                                        .addStrategy("acme-gauss")
                                        .build())
                .hasMessageContaining("\"acme-gauss\" is made of what plays the role")
                .hasMessageContaining("replay-source");
        assertThat(source.isClosed).isTrue();
    }

    private ForgettingListener.Builder with(Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addModule(FakeStrategy.module(gauss, user))
                .addStrategy("user", settings);
    }

    /** A guard that drives a source. */
    private static final class Driving extends FakeGuard {

        private final ReplaySource source;

        Driving(ReplaySource source) {
            super("driving");
            this.source = source;
        }

        @Override
        public void save(MemoryWriter memory) {
            source.save(memory);
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
