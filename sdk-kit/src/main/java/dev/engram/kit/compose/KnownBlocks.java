package dev.engram.kit.compose;

import ai.djl.nn.Block;
import dev.engram.kit.provider.Services;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** All composers, in the order in which they are asked, and why others could not be loaded. */
record KnownBlocks(List<BlockComposer> composers, List<String> failures) {

    static KnownBlocks find(List<BlockComposer> own) {
        List<BlockComposer> found = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        Services.each(
                BlockComposer.class,
                loader(),
                candidate -> add(candidate, found, failures),
                broken -> failures.add(broken.toString()));
        found.sort(Comparator.comparing(KnownBlocks::isEngrams));
        found.addAll(0, own);
        return new KnownBlocks(List.copyOf(found), List.copyOf(failures));
    }

    Optional<BlockComposer> of(Block block) {
        return composers.stream().filter(composer -> composer.knows(block)).findFirst();
    }

    private static void add(
            ServiceLoader.Provider<BlockComposer> candidate,
            List<BlockComposer> found,
            List<String> failures) {
        try {
            found.add(candidate.get());
        } catch (ServiceConfigurationError | LinkageError e) {
            failures.add(e.toString());
        }
    }

    private static boolean isEngrams(BlockComposer composer) {
        return composer.getClass().getName().startsWith("dev.engram.kit.internal.");
    }

    private static ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context == null ? KnownBlocks.class.getClassLoader() : context;
    }
}
