package dev.engram.djl.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrategyCatalogTest {

    @TempDir private Path root;
    private BrokenPlugins plugins;

    @BeforeEach
    void prepare() {
        plugins = new BrokenPlugins(root);
    }

    @Test
    void aPluginForAnotherMajorIsRefusedWithBothVersionsWhenItIsAskedFor() throws IOException {
        Path old = plugins.plugin("old", "Old", "ancient", "0.4", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(old));
        assertThatThrownBy(() -> catalog.require("ancient"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(
                        "\"ancient\" was built for SPI 0.4, but this Engram has SPI 1.0")
                .hasMessageContaining("Old in file:");
    }

    @Test
    void aThrowingConstructorHidesNoOtherPlugin() throws IOException {
        Path throwing =
                plugins.plugin(
                        "throwing",
                        "Throwing",
                        "throwing",
                        "1.0",
                        "if (true) throw new IllegalStateException(\"no licence\");");
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(throwing, good));
        assertThat(catalog.require("good").id()).isEqualTo("good");
        assertThatThrownBy(() -> catalog.require("throwing"))
                .hasMessageContaining("Throwing")
                .hasMessageContaining("no licence")
                .hasMessageContaining("Known are: good.");
    }

    @Test
    void aMissingClassHidesNoOtherPlugin() throws IOException {
        Path incomplete =
                plugins.plugin("incomplete", "Lacking", "lacking", "1.0", "new LackingNeeded();");
        Files.delete(incomplete.resolve("LackingNeeded.class"));
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(incomplete, good));
        assertThat(catalog.providers()).containsOnlyKeys("good");
        assertThatThrownBy(() -> catalog.require("lacking")).hasMessageContaining("LackingNeeded");
    }

    @Test
    void aListedClassThatIsNotThereHidesNoOtherPlugin() throws IOException {
        Path listed = plugins.plugin("listed", "Gone", "gone", "1.0", "");
        Files.delete(listed.resolve("Gone.class"));
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(listed, good));
        assertThat(catalog.providers()).containsOnlyKeys("good");
        assertThat(catalog.failures()).singleElement().asString().contains("Gone");
    }

    @Test
    void askingForAnIdThatTwoPluginsHaveIsAnErrorThatNamesBoth() throws IOException {
        Path one = plugins.plugin("one", "One", "twin", "1.0", "");
        Path other = plugins.plugin("other", "Other", "twin", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(one, other));
        assertThatThrownBy(() -> catalog.require("twin"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("\"twin\"")
                .hasMessageContaining("/one/")
                .hasMessageContaining("/other/");
    }

    @Test
    void anUnknownIdNamesTheNearestAndTheArtifactToAdd() throws IOException {
        Path good = plugins.plugin("good", "Good", "replay", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(good));
        assertThatThrownBy(() -> catalog.require("reply"))
                .hasMessageContaining("Did you mean \"replay\"?");
        assertThatThrownBy(() -> catalog.require("ewc"))
                .hasMessageContaining("dev.engram:engram-plugin-ewc");
    }
}
