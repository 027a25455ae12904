package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.EngramException;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardNamesTest {

    @Test
    void aGuardThatAStrategyMadeBearsTheIdOfTheStrategy() {
        FakeStrategy one = new FakeStrategy("acme-one");
        FakeStrategy two = new FakeStrategy("acme-two");
        try (ForgettingListener listener =
                ForgettingListener.builder()
                        .addModule(FakeStrategy.module(one, two))
                        .addStrategy("acme-one")
                        .addStrategy("acme-two")
                        .build()) {
            assertThat(listener.effect("acme-one")).isEmpty();
            assertThatThrownBy(() -> listener.effect("made")).hasMessageContaining("acme-two");
        }
    }

    @Test
    void twoGuardsOfOneNameAreRefused() {
        ForgettingListener.Builder builder =
                ForgettingListener.builder()
                        .addGuard(new FakeGuard("same"))
                        .addGuard(new FakeGuard("same"));
        assertThatThrownBy(builder::build)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Two guards are named \"same\"")
                .hasMessageContaining("setName");
    }

    @Test
    void aGuardOfTheNameOfAStrategyIsRefusedAndOnlyWhatWasMadeHereIsClosed() {
        FakeGuard made = new FakeGuard("any");
        FakeGuard byHand = new FakeGuard("acme");
        FakeStrategy strategy = new FakeStrategy("acme");
        strategy.create = () -> Strategy.of(made);
        ForgettingListener.Builder builder =
                ForgettingListener.builder()
                        .addModule(FakeStrategy.module(strategy))
                        .addStrategy("acme")
                        .addGuard(byHand);
        assertThatThrownBy(builder::build).hasMessageContaining("Two guards are named \"acme\"");
        assertThat(made.isClosed).isTrue();
        assertThat(byHand.isClosed).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "../../escape",
                "a/b",
                "a\\b",
                "a.b",
                "Ewc",
                "éwc",
                "con",
                "lpt1",
                "-a",
                "a\n",
                "a\0",
                "١",
                "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
            })
    void aNameThatIsNoFileNameEverywhereIsRefusedBeforeTraining(String name) {
        ForgettingListener.Builder builder =
                ForgettingListener.builder().addGuard(new FakeGuard(name));
        assertThatThrownBy(builder::build)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("becomes a file name: write 1 to 64 lower-case letters");
    }

    @Test
    void anIdThatAModuleBindsIsCheckedToo() {
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .addModule(FakeStrategy.module(new FakeStrategy("../up")))
                                        .addStrategy("../up")
                                        .build())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("becomes a file name");
    }
}
