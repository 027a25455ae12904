package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.settings.SettingsReader;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class AdaptersProviderTest {

    private final StrategyProvider provider =
            ServiceLoader.load(StrategyProvider.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(found -> found.id().equals("adapters"))
                    .findFirst()
                    .orElseThrow();

    @Test
    void itIsFoundAndSaysWhatItNeedsAndExcludes() {
        assertThat(provider.roles()).containsExactly(Role.ISOLATION);
        assertThat(provider.excludedRoles())
                .containsExactlyInAnyOrder(Role.PENALTY, Role.ISOLATION);
        assertThat(provider.needs()).containsExactly(Need.BLOCK_ACCESS);
    }

    @Test
    void itsSettingsComeBackAsTheTextThatAnotherProcessReads() {
        ParameterIsolation adapters =
                isolation(
                        Map.of(
                                "bottleneck", 8,
                                "placement", "houlsby",
                                "activation", "relu",
                                "gate", "zero",
                                "scale", 0.5,
                                "after", " 01Linear , 02LambdaBlock"));
        assertThat(adapters.settings())
                .containsEntry("bottleneck", "8")
                .containsEntry("placement", "houlsby")
                .containsEntry("after", "01Linear,02LambdaBlock");
        assertThat(isolation(adapters.settings()).settings()).isEqualTo(adapters.settings());
    }

    @Test
    void itsDefaultsAreThoseOfTheBuilder() {
        assertThat(isolation(Map.of()).settings())
                .isEqualTo(BottleneckAdapters.builder().build().settings())
                .containsEntry("bottleneck", "32")
                .containsEntry("placement", "pfeiffer")
                .containsEntry("activation", "gelu")
                .containsEntry("gate", "none");
    }

    @Test
    void wrongSettingsAreRefusedAllAtOnce() {
        assertThatThrownBy(() -> isolation(Map.of("bottleneck", 0, "gate", "maybe")))
                .hasMessageContaining("2 problems")
                .hasMessageContaining(
                        "gate = \"maybe\" is not acceptable: write one of none, zero");
    }

    private ParameterIsolation isolation(Map<String, ?> settings) {
        return provider.create(SettingsReader.read("adapters", provider.settings(), settings))
                .isolation()
                .orElseThrow();
    }
}
