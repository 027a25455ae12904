package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.djl.ForgettingListener;
import org.junit.jupiter.api.Test;

class ProviderByHandTest {

    @Test
    void aProviderThatNoServicesFileNamesIsTakenById() {
        FakeStrategy mine = new FakeStrategy("mine");
        try (ForgettingListener listener = with(mine).addStrategy("mine").build()) {
            assertThat(listener.tasks()).isEmpty();
        }
    }

    @Test
    void twoOfOneIdAreRefusedIfAskedFor() {
        ForgettingListener.Builder both =
                with(new FakeStrategy("mine")).addProvider(new FakeStrategy("mine"));
        assertThatThrownBy(both.addStrategy("mine")::build)
                .hasMessageContaining("Two plug-ins provide the strategy \"mine\"");
    }

    @Test
    void oneThatCannotBeUsedSaysWhy() {
        FakeStrategy old = new FakeStrategy("old");
        old.version = () -> "0.3";
        assertThatThrownBy(with(old).addStrategy("old")::build)
                .hasMessageContaining("\"old\" was built for SPI 0.3");
        assertThatThrownBy(() -> with(null)).hasMessageContaining("addProvider");
    }

    private static ForgettingListener.Builder with(FakeStrategy provider) {
        return ForgettingListener.builder().addProvider(provider);
    }
}
