package dev.engram.kit.compose;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** All composers, in the order in which they are asked, and why others could not be loaded. */
record KnownBlocks(List<BlockComposer> composers, List<String> failures) {

    private static final int BROKEN_AT_MOST = 100;

    static KnownBlocks find(List<BlockComposer> own) {
        List<BlockComposer> found = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        var candidates = ServiceLoader.load(BlockComposer.class, loader()).iterator();
        while (failures.size() < BROKEN_AT_MOST && advance(candidates, found, failures)) {}
        found.sort(Comparator.comparing(KnownBlocks::isEngrams));
        found.addAll(0, own);
        return new KnownBlocks(List.copyOf(found), List.copyOf(failures));
    }

    Optional<BlockComposer> of(Block block) {
        return composers.stream().filter(composer -> composer.knows(block)).findFirst();
    }

    private static boolean advance(
            Iterator<BlockComposer> candidates, List<BlockComposer> found, List<String> failures) {
        try {
            boolean more = candidates.hasNext();
            if (more) {
                found.add(candidates.next());
            }
            return more;
        } catch (ServiceConfigurationError | LinkageError e) {
            failures.add(e.toString());
            return true;
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
