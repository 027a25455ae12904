package dev.engram.djl.discovery;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The strategies on the class path, by id, and why others could not be loaded.
 *
 * <p>A broken provider hides no other one; asking for a strategy that failed, that two plug-ins
 * provide, or that is not there, is an error that says why and which artifact to add. Immutable.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class StrategyCatalog {

    private final Map<String, StrategyProvider> byId;
    private final Map<String, String> doubled;
    private final List<String> failures;
    private final List<ClassLoader> loaders;

    private StrategyCatalog(Discovery found, List<ClassLoader> loaders) {
        this.byId = Map.copyOf(found.byId());
        this.doubled = Map.copyOf(found.doubled());
        this.failures = List.copyOf(found.failures());
        this.loaders = List.copyOf(loaders);
    }

    /** Finds the strategies that a class loader sees. */
    public static StrategyCatalog discover(ClassLoader loader) {
        return discover(List.of(loader));
    }

    /**
     * Finds the strategies that one of several class loaders sees; where two see a plug-in of the
     * same class name, the first one's counts.
     */
    public static StrategyCatalog discover(List<ClassLoader> loaders) {
        return discover(List.of(), loaders);
    }

    /**
     * As {@link #discover(List)}, with providers that were made by hand; where one of the same
     * class is discovered, too, the one that was made counts.
     */
    public static StrategyCatalog discover(
            List<StrategyProvider> given, List<ClassLoader> loaders) {
        Discovery found = new Discovery();
        given.forEach(found::take);
        loaders.stream().distinct().forEach(found::search);
        return new StrategyCatalog(found, loaders);
    }

    /** Returns the providers by id, in alphabetical order; without those that two provide. */
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
     * @throws EngramException if there is none, or more than one, saying what is known, what failed
     *     and what to add
     */
    public StrategyProvider require(String id) {
        return requireFrom(byId, id);
    }

    /**
     * Returns the provider of an id from a map that an application may have extended.
     *
     * @throws EngramException as {@link #require}
     */
    public StrategyProvider requireFrom(Map<String, StrategyProvider> providers, String id) {
        StrategyProvider provider = providers.get(id);
        if (provider != null) {
            return provider;
        }
        String twins = doubled.get(id);
        if (twins != null) {
            throw new EngramException(twins);
        }
        throw new MissingStrategy(id, providers.keySet(), loaders).error(failures);
    }
}
