package dev.engram.djl.discovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/** Which artifact of Engram has which strategy; the build makes the table from the plug-ins. */
final class BundledStrategies {

    private static final String TABLE = "bundled-strategies.properties";

    private final Map<String, Bundled> byId;

    private BundledStrategies(Map<String, Bundled> byId) {
        this.byId = byId;
    }

    static BundledStrategies read() {
        Properties lines = new Properties();
        try (InputStream table = BundledStrategies.class.getResourceAsStream(TABLE)) {
            if (table != null) {
                lines.load(table);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + TABLE + " in Engram's own jar", e);
        }
        Map<String, Bundled> byId = new TreeMap<>();
        for (String id : lines.stringPropertyNames()) {
            String[] words = lines.getProperty(id).split(" ", 2);
            byId.put(id, new Bundled(words[0], words[1]));
        }
        return new BundledStrategies(byId);
    }

    Optional<Bundled> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    Set<String> ids() {
        return byId.keySet();
    }

    /**
     * A strategy of Engram's own.
     *
     * @param artifact that has it
     * @param provider the name of its class
     */
    record Bundled(String artifact, String provider) {}
}
