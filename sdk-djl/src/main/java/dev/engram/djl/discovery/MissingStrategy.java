package dev.engram.djl.discovery;

import dev.engram.api.EngramException;
import dev.engram.djl.internal.settings.SettingsReader;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** Finds out why a strategy is not there, and what helps. */
final class MissingStrategy {

    private static final String SERVICE = "META-INF/services/dev.engram.api.spi.StrategyProvider";

    private final String id;
    private final TreeSet<String> known;
    private final List<ClassLoader> loaders;
    private final BundledStrategies bundled = BundledStrategies.read();

    MissingStrategy(String id, Collection<String> known, List<ClassLoader> loaders) {
        this.id = id;
        this.known = new TreeSet<>(known);
        this.loaders = loaders;
    }

    /**
     * Returns the error that says it.
     *
     * @param failures why others could not be loaded
     */
    EngramException error(List<String> failures) {
        String unloaded =
                failures.isEmpty()
                        ? ""
                        : "\nThese plug-ins could not be loaded:\n  - "
                                + String.join("\n  - ", failures);
        return new EngramException("No strategy \"%s\". %s%s".formatted(id, hint(), unloaded));
    }

    /** Returns what to do, in sentences. */
    private String hint() {
        return bundled.find(id).map(this::absent).orElseGet(this::misspelt) + " " + list();
    }

    private String absent(BundledStrategies.Bundled strategy) {
        if (!isSeen(strategy.provider())) {
            return "It is in the artifact dev.engram:%s: add that to the class path."
                    .formatted(strategy.artifact());
        }
        return "Its class %s is on the class path, but no %s names it: where several jars were put together as one, only one file of that name was kept. Merge them: ServicesResourceTransformer of maven-shade-plugin, mergeServiceFiles() of Gradle's Shadow, metaInf-services of maven-assembly-plugin."
                .formatted(strategy.provider(), SERVICE);
    }

    private boolean isSeen(String provider) {
        String file = provider.replace('.', '/') + ".class";
        return loaders.stream().anyMatch(loader -> loader.getResource(file) != null);
    }

    private String misspelt() {
        String seen = id.strip().toLowerCase(Locale.ROOT);
        TreeSet<String> candidates = new TreeSet<>(known);
        candidates.addAll(bundled.ids());
        if (!candidates.isEmpty()) {
            String nearest = SettingsReader.nearest(seen, List.copyOf(candidates));
            if (SettingsReader.distance(seen, nearest) <= typingErrors(seen)) {
                return "Did you mean \"%s\"?%s".formatted(nearest, artifact(nearest));
            }
        }
        return "If a plug-in provides it, add its artifact; if that is seen by a class loader of its own, give that by optClassLoader. If it is yours, its jar must have the file %s with the name of its provider's class on a line."
                .formatted(SERVICE);
    }

    /** Of "si" two wrong letters leave nothing. */
    private static int typingErrors(String seen) {
        return Math.min(2, Math.max(1, seen.length() / 3));
    }

    private String artifact(String nearest) {
        return known.contains(nearest)
                ? ""
                : bundled.find(nearest)
                        .map(strategy -> " That is in dev.engram:" + strategy.artifact() + ".")
                        .orElse("");
    }

    private String list() {
        return known.isEmpty()
                ? "No strategy is seen by %s.".formatted(loaders)
                : "Known are: %s.".formatted(String.join(", ", known));
    }
}
