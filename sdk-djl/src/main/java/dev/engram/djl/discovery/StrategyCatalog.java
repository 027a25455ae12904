package dev.engram.djl.discovery;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.settings.SettingsReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The strategies on the class path, by id, and why others could not be loaded.
 *
 * <p>A broken provider hides no other one; asking for a strategy that failed, or that is not there,
 * is an error that says why and which artifact to add. Immutable.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class StrategyCatalog {

    private static final int TYPING_ERRORS = 2;

    private final Map<String, StrategyProvider> byId;
    private final List<String> failures;

    private StrategyCatalog(Map<String, StrategyProvider> byId, List<String> failures) {
        this.byId = Map.copyOf(byId);
        this.failures = List.copyOf(failures);
    }

    /**
     * Finds the strategies that a class loader sees.
     *
     * @throws EngramException if two providers have the same id, naming both and where they are
     *     from
     */
    public static StrategyCatalog discover(ClassLoader loader) {
        Discovery found = new Discovery();
        Iterator<ServiceLoader.Provider<StrategyProvider>> candidates =
                ServiceLoader.load(StrategyProvider.class, loader).stream().iterator();
        while (found.hasNext(candidates)) {
            found.add(candidates);
        }
        return new StrategyCatalog(found.byId, found.failures);
    }

    /** Returns the providers by id, in alphabetical order. */
    public Map<String, StrategyProvider> providers() {
        return new TreeMap<>(byId);
    }

    /** Returns why providers could not be used, one sentence each. */
    public List<String> failures() {
        return failures;
    }

    /**
     * Returns the provider of an id.
     *
     * @throws EngramException if there is none, saying what is known, what failed and what to add
     */
    public StrategyProvider require(String id) {
        return requireFrom(byId, id, failures);
    }

    /** Returns the provider of an id from a map that an application may have extended. */
    public static StrategyProvider requireFrom(
            Map<String, StrategyProvider> byId, String id, List<String> failures) {
        StrategyProvider provider = byId.get(id);
        if (provider != null) {
            return provider;
        }
        StringBuilder message = new StringBuilder("No strategy \"%s\". ".formatted(id));
        List<String> known = byId.keySet().stream().sorted().toList();
        message.append(hint(id, known));
        if (!failures.isEmpty()) {
            message.append("\nThese plug-ins could not be loaded:\n  - ")
                    .append(String.join("\n  - ", failures));
        }
        throw new EngramException(message.toString());
    }

    /** A near miss is a typing error; anything else may be a plug-in that is not there. */
    private static String hint(String id, List<String> known) {
        String list = "Known are: %s. ".formatted(String.join(", ", known));
        if (!known.isEmpty()) {
            String nearest = SettingsReader.nearest(id.toLowerCase(Locale.ROOT), known);
            if (SettingsReader.distance(id.toLowerCase(Locale.ROOT), nearest) <= TYPING_ERRORS) {
                return "Did you mean \"%s\"? ".formatted(nearest) + list;
            }
        }
        return (known.isEmpty() ? "None is on the class path at all. " : list)
                + "If a plug-in provides it, add its artifact, such as"
                + " dev.engram:engram-plugin-ewc or dev.engram:engram-plugin-replay.";
    }

    /** Collects providers and the reasons of those that fail. */
    private static final class Discovery {

        final Map<String, StrategyProvider> byId = new TreeMap<>();
        final List<String> failures = new ArrayList<>();

        boolean hasNext(Iterator<ServiceLoader.Provider<StrategyProvider>> candidates) {
            // A class that is missing fails here, one that throws in its constructor in add; both
            // leave the iterator ready for the next line.
            for (int attempt = 0; attempt < 1000; attempt++) {
                try {
                    return candidates.hasNext();
                } catch (ServiceConfigurationError | LinkageError e) {
                    failures.add(reason(e));
                }
            }
            return false;
        }

        void add(Iterator<ServiceLoader.Provider<StrategyProvider>> candidates) {
            try {
                register(candidates.next().get());
            } catch (EngramException e) {
                throw e;
            } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
                failures.add(reason(e));
            }
        }

        private void register(StrategyProvider provider) {
            String version = provider.spiVersion();
            if (!SpiVersion.accepts(version)) {
                failures.add(
                        "%s: \"%s\" was built for SPI %s, but this Engram has SPI %s; use a version of"
                                        .formatted(
                                                origin(provider),
                                                provider.id(),
                                                version,
                                                SpiVersion.CURRENT)
                                + " the plug-in for the same major");
                return;
            }
            StrategyProvider twin = byId.putIfAbsent(provider.id(), provider);
            if (twin != null) {
                throw new EngramException(
                        "Two plug-ins provide the strategy \"%s\": %s and %s. Remove one of them."
                                .formatted(provider.id(), origin(twin), origin(provider)));
            }
        }

        private static String reason(Throwable error) {
            Throwable root = error;
            StringBuilder text = new StringBuilder(String.valueOf(error.getMessage()));
            while (root.getCause() != null) {
                root = root.getCause();
                text.append(": ").append(root);
            }
            return error instanceof LinkageError
                    ? error
                            + "; the plug-in and its dependencies, or Engram (SPI "
                            + SpiVersion.CURRENT
                            + "), are of versions that do not fit"
                    : text.toString();
        }

        private static String origin(StrategyProvider provider) {
            Class<?> type = provider.getClass();
            var source = type.getProtectionDomain().getCodeSource();
            String place = source == null ? "" : " in " + source.getLocation();
            return type.getName() + place;
        }
    }
}
