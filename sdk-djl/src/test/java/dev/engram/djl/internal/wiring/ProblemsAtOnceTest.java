package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.EngramException;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemsAtOnceTest {

    private final FakeStrategy mine = new FakeStrategy("mine");
    private final FakeStrategy other = new FakeStrategy("other");

    private ForgettingListener.Builder builder() {
        return ForgettingListener.builder()
                .addModule(FakeStrategy.module(mine, other))
                .addStrategy("mine");
    }

    @Test
    void optionsUnknownStrategiesAndSettingsAreToldTogether() {
        mine.create =
                () -> {
                    throw new IllegalStateException("created though something is wrong");
                };
        ForgettingListener.Builder wrong =
                builder()
                        .optSampleCapacity(0)
                        .optAccumulation(-1)
                        .addStrategy("othre")
                        .addStrategy("other", Map.of("nonsense", 1));
        assertThatThrownBy(wrong::build)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("optSampleCapacity(0)")
                .hasMessageContaining("optAccumulation(-1)")
                .hasMessageContaining("No strategy \"othre\"")
                .hasMessageContaining("unknown setting \"nonsense\"")
                .satisfies(
                        all -> {
                            assertThat(all).hasMessageNotContaining("created though");
                            assertThat(all.getSuppressed()).hasSize(3);
                            assertThat(all.getSuppressed()[2])
                                    .isInstanceOfSatisfying(
                                            SettingsException.class,
                                            settings ->
                                                    assertThat(settings.strategy())
                                                            .isEqualTo("other"));
                        });
        assertThatThrownBy(wrong::check).hasMessageContaining("optSampleCapacity(0)");
    }

    @Test
    void aCheckCreatesNothing() {
        mine.create =
                () -> {
                    throw new IllegalStateException("created");
                };
        assertThatCode(builder()::check).doesNotThrowAnyException();
        FakeGuard guard = new FakeGuard("made");
        mine.create = () -> Strategy.of(guard);
        builder().check();
        assertThat(guard.isClosed).isFalse();
    }
}
