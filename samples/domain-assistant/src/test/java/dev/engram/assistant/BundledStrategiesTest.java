package dev.engram.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Here all plug-ins meet, so here is seen whether the table that names their artifacts is true. */
class BundledStrategiesTest {

    @Test
    void theTableOfArtifactsNamesWhatThePluginsProvide() throws IOException {
        Map<String, String> provided = new TreeMap<>();
        StrategyCatalog.discover(getClass().getClassLoader())
                .providers()
                .forEach((id, provider) -> provided.put(id, place(provider)));
        assertThat(table()).isEqualTo(provided).hasSizeGreaterThan(15);
    }

    private static String place(StrategyProvider provider) {
        Class<?> type = provider.getClass();
        // A jar of a repository, or the folder plugins/<name>/target/classes of this build.
        String source = type.getProtectionDomain().getCodeSource().getLocation().getPath();
        String artifact =
                source.endsWith(".jar")
                        ? source.replaceAll(".*/(engram-plugin-[a-z-]+)-[0-9][^/]*", "$1")
                        : source.replaceAll(".*/plugins/([a-z-]+)/target/.*", "engram-plugin-$1");
        return artifact + " " + type.getName();
    }

    private static Map<String, String> table() throws IOException {
        Properties lines = new Properties();
        try (InputStream table =
                StrategyCatalog.class.getResourceAsStream("bundled-strategies.properties")) {
            lines.load(table);
        }
        Map<String, String> byId = new TreeMap<>();
        lines.stringPropertyNames().forEach(id -> byId.put(id, lines.getProperty(id)));
        return byId;
    }
}
