package dev.engram.djl.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassLoadersTest {

    @TempDir private Path root;
    private ClassLoader context;
    private ClassLoader child;

    @BeforeEach
    void plugIn() throws IOException {
        context = Thread.currentThread().getContextClassLoader();
        child =
                BrokenPlugins.loader(
                        new BrokenPlugins(root).plugin("good", "Good", "good", "1.0", ""));
    }

    @AfterEach
    void putBack() {
        Thread.currentThread().setContextClassLoader(context);
    }

    // The plug-in is found, and makes nothing: that is what these wait for.
    private static final String FOUND = "Strategy \"good\" failed in create(...): it returned null";

    @Test
    void aPluginOfAClassLoaderOfItsOwnIsFoundWhereThatIsGiven() {
        assertThatThrownBy(() -> ForgettingListener.builder().addStrategy("good").build())
                .hasMessageContaining("No strategy \"good\"")
                .hasMessageContaining("optClassLoader")
                .hasMessageContaining(
                        "If it is yours, its jar must have the file"
                            + " META-INF/services/dev.engram.api.spi.StrategyProvider with the name"
                            + " of its provider's class");
        assertThatThrownBy(
                        () ->
                                ForgettingListener.builder()
                                        .optClassLoader(child)
                                        .addStrategy("good")
                                        .build())
                .hasMessageContaining(FOUND);
    }

    @Test
    void aPluginThatTheContextClassLoaderSeesIsFound() {
        Thread.currentThread().setContextClassLoader(child);
        assertThatThrownBy(() -> ForgettingListener.builder().addStrategy("good").build())
                .hasMessageContaining(FOUND);
    }

    @Test
    void aThreadWhoseContextClassLoaderSeesNothingFindsWhatEngramsOwnSees() {
        StrategyCatalog catalog =
                StrategyCatalog.discover(List.of(ClassLoader.getPlatformClassLoader(), child));
        assertThat(catalog.providers()).containsOnlyKeys("good");
        Thread.currentThread().setContextClassLoader(null);
        assertThatThrownBy(() -> ForgettingListener.builder().addStrategy("good").build())
                .hasMessageContaining("No strategy \"good\"");
    }
}
