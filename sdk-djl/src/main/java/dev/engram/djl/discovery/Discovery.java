package dev.engram.djl.discovery;

import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.internal.plugin.PartName;
import dev.engram.kit.calls.Origin;
import dev.engram.kit.provider.Services;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** Collects providers, and the reasons of those that fail. */
final class Discovery {

    private static final String TWO_COPIES =
            ". It implements the interface of another copy of engram-sdk-api than this Engram's:"
                + " keep one copy, seen by both (a plug-in must not bundle it; a class loader that"
                + " puts its own classes first must leave dev.engram.api to its parent)";

    private final Map<String, StrategyProvider> byId = new TreeMap<>();
    private final Map<String, String> doubled = new HashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    Map<String, StrategyProvider> byId() {
        return byId;
    }

    /** Returns what to say about an id that several plug-ins provide. */
    Map<String, String> doubled() {
        return doubled;
    }

    List<String> failures() {
        return failures;
    }

    /** Adds what a class loader sees, but for classes that one before it saw, too. */
    void search(ClassLoader loader) {
        Set<String> here = new HashSet<>();
        Services.each(
                StrategyProvider.class,
                loader,
                candidate -> add(candidate, here),
                broken -> fail(reason(broken)));
        seen.addAll(here);
    }

    /** Adds a provider that was made by hand. */
    void take(StrategyProvider provider) {
        seen.add(provider.getClass().getName());
        attempt(() -> register(provider), Origin.of(provider.getClass(), null).place() + ": ");
    }

    private void attempt(Runnable registration, String place) {
        try {
            registration.run();
        } catch (VirtualMachineError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            fail(place + reason(e));
        }
    }

    private void add(ServiceLoader.Provider<StrategyProvider> candidate, Set<String> here) {
        String type = candidate.type().getName();
        here.add(type);
        if (!seen.contains(type)) {
            attempt(
                    () -> register(candidate.get()),
                    Origin.of(candidate.type(), null).place() + ": ");
        }
    }

    private void register(StrategyProvider provider) {
        String place = Origin.of(provider.getClass(), null).place();
        String id = provider.id();
        String version = provider.spiVersion();
        if (version == null || !SpiVersion.accepts(version)) {
            fail(
                    "%s: \"%s\" was built for SPI %s, but this Engram has SPI %s; use a version of the plug-in for the same major"
                            .formatted(place, id, version, SpiVersion.CURRENT));
        } else if (!PartName.accepts(id)) {
            fail(
                    "%s: its id \"%s\" is not acceptable: write %s"
                            .formatted(place, id, PartName.accepted()));
        } else {
            keep(id, provider, place);
        }
    }

    private void keep(String id, StrategyProvider provider, String place) {
        StrategyProvider twin = byId.get(id);
        if (doubled.containsKey(id)) {
            doubled.merge(id, " Another one: " + place + ".", String::concat);
        } else if (twin != null) {
            byId.remove(id);
            doubled.put(
                    id,
                    "Two plug-ins provide the strategy \"%s\": %s and %s. Remove one of them."
                            .formatted(id, Origin.of(twin.getClass(), null).place(), place));
        } else {
            byId.put(id, provider);
        }
    }

    private void fail(String reason) {
        if (!failures.contains(reason)) {
            failures.add(reason);
        }
    }

    private static String reason(Throwable error) {
        String message = String.valueOf(error.getMessage());
        if (error instanceof LinkageError) {
            return error
                    + "; the plug-in and its dependencies, or Engram (SPI "
                    + SpiVersion.CURRENT
                    + "), are of versions that do not fit";
        }
        StringBuilder text =
                new StringBuilder(
                        error instanceof ServiceConfigurationError ? message : "" + error);
        for (Throwable root = error.getCause(); root != null; root = root.getCause()) {
            text.append(": ").append(root);
        }
        return message.contains("not a subtype") ? text + TWO_COPIES : text.toString();
    }
}
