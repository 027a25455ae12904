package dev.engram.djl.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MissingStrategyTest {

    @TempDir private Path root;
    private BrokenPlugins plugins;

    @BeforeEach
    void prepare() {
        plugins = new BrokenPlugins(root);
    }

    @ParameterizedTest
    @CsvSource({
        "si, engram-plugin-synaptic-intelligence",
        "er, engram-plugin-replay",
        "ewc-online, engram-plugin-ewc",
        "ia3, engram-plugin-lora"
    })
    void aStrategyOfEngramsOwnNamesItsArtifactAndNoOtherStrategy(String id, String artifact)
            throws IOException {
        Path near = plugins.plugin("near", "Near", "xi", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(near));
        assertThatThrownBy(() -> catalog.require(id))
                .hasMessageContaining("It is in the artifact dev.engram:" + artifact + ": add that")
                .hasMessageNotContaining("Did you mean");
    }

    @ParameterizedTest
    @CsvSource({"ewc-onlin, ewc-online, engram-plugin-ewc", "LORA, lora, engram-plugin-lora"})
    void aTypingErrorNamesWhatWasMeantAndItsArtifact(String id, String meant, String artifact) {
        StrategyCatalog catalog = StrategyCatalog.discover(getClass().getClassLoader());
        assertThatThrownBy(() -> catalog.require(id))
                .hasMessageContaining("Did you mean \"%s\"?".formatted(meant))
                .hasMessageContaining("That is in dev.engram:" + artifact);
    }

    @Test
    void anIdOfNobodyIsNotTakenForATypingErrorOfAShortOne() {
        StrategyCatalog catalog = StrategyCatalog.discover(getClass().getClassLoader());
        assertThatThrownBy(() -> catalog.require("xy"))
                .hasMessageNotContaining("Did you mean")
                .hasMessageContaining("optClassLoader");
    }

    @Test
    void aJarThatKeptOneOfSeveralServicesFilesIsToldToMergeThem() throws IOException {
        Path fat = root.resolve("fat");
        Files.createDirectories(fat.resolve("dev/engram/synapticintelligence"));
        Files.createFile(fat.resolve("dev/engram/synapticintelligence/SiProvider.class"));
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(fat));
        assertThatThrownBy(() -> catalog.require("si"))
                .hasMessageContaining(
                        "dev.engram.synapticintelligence.SiProvider is on the class path")
                .hasMessageContaining("META-INF/services/dev.engram.api.spi.StrategyProvider")
                .hasMessageContaining("ServicesResourceTransformer")
                .hasMessageContaining("mergeServiceFiles")
                .hasMessageNotContaining("add that to the class path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Acme-X", "acme x", "../acme", "con", ""})
    void anIdThatCannotBeAFileNameIsRefusedWhenItIsAskedFor(String id) throws IOException {
        Path bad = plugins.plugin("bad", "Bad", id, "1.0", "");
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog = StrategyCatalog.discover(BrokenPlugins.loader(bad, good));
        assertThat(catalog.providers()).containsOnlyKeys("good");
        assertThatThrownBy(() -> catalog.require(id))
                .hasMessageContaining("Bad in file:")
                .hasMessageContaining("its id \"%s\" is not acceptable".formatted(id));
    }

    @Test
    void aProviderWithoutIdOrVersionHidesNoOtherOne() throws IOException {
        Path nameless =
                plugins.compiled("nameless", "Nameless", source("Nameless", "null", "\"1.0\""));
        Path ageless = plugins.compiled("ageless", "Ageless", source("Ageless", "\"a\"", "null"));
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog =
                StrategyCatalog.discover(BrokenPlugins.loader(nameless, ageless, good));
        assertThat(catalog.providers()).containsOnlyKeys("good");
        assertThat(catalog.failures())
                .anySatisfy(reason -> assertThat(reason).contains("Nameless", "id \"null\""))
                .anySatisfy(reason -> assertThat(reason).contains("Ageless", "SPI null"));
    }

    @Test
    void twoPluginsOfOneIdHinderOnlyThoseWhoAskForIt() throws IOException {
        Path one = plugins.plugin("one", "One", "twin", "1.0", "");
        Path other = plugins.plugin("other", "Other", "twin", "1.0", "");
        Path third = plugins.plugin("third", "Third", "twin", "1.0", "");
        Path good = plugins.plugin("good", "Good", "good", "1.0", "");
        StrategyCatalog catalog =
                StrategyCatalog.discover(BrokenPlugins.loader(one, other, third, good));
        assertThat(catalog.require("good").id()).isEqualTo("good");
        assertThatThrownBy(() -> catalog.require("twin"))
                .hasMessageContaining("Two plug-ins provide the strategy \"twin\"")
                .hasMessageContaining("/third/");
    }

    @Test
    void whatTheFirstClassLoaderSeesTooIsNotSeenTwice() throws IOException {
        Path one = plugins.plugin("one", "One", "mine", "1.0", "");
        Path copy = plugins.plugin("copy", "One", "mine", "1.0", "");
        Path more = plugins.plugin("more", "More", "more", "1.0", "");
        StrategyCatalog catalog =
                StrategyCatalog.discover(
                        List.of(BrokenPlugins.loader(one), BrokenPlugins.loader(copy, more)));
        assertThat(catalog.providers()).containsOnlyKeys("mine", "more");
        assertThat(catalog.require("mine").getClass().getProtectionDomain().getCodeSource())
                .asString()
                .contains("/one/");
    }

    @Test
    void aSecondCopyOfTheApiIsNamedAsTheReason() throws IOException {
        Path plugin = plugins.plugin("copied", "Copied", "copied", "1.0", "");
        List<URL> own = new ArrayList<>();
        own.add(plugin.toUri().toURL());
        StringTokenizer entries =
                new StringTokenizer(System.getProperty("java.class.path"), File.pathSeparator);
        while (entries.hasMoreTokens()) {
            own.add(Path.of(entries.nextToken()).toUri().toURL());
        }
        ClassLoader alone =
                new URLClassLoader(own.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        StrategyCatalog catalog = StrategyCatalog.discover(alone);
        assertThatThrownBy(() -> catalog.require("copied"))
                .hasMessageContaining("not a subtype")
                .hasMessageContaining("another copy of engram-sdk-api");
    }

    private static String source(String type, String id, String version) {
        return
"""
        import dev.engram.api.settings.*;
        import dev.engram.api.spi.*;
        import java.util.List;
import java.util.StringTokenizer;
        public class %s implements StrategyProvider {
            public String id() { return %s; }
            public String spiVersion() { return %s; }
            public String description() { return "for a test"; }
            public List<Setting<?>> settings() { return List.of(); }
            public Strategy create(Settings settings) { return null; }
        }
"""
                .formatted(type, id, version);
    }
}
