package dev.engram.djl.internal.memory;

import dev.engram.djl.internal.plugin.PartName;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks what a manifest says before anything is done with it. */
final class ManifestCheck {

    private static final String TENSORS = ".safetensors";

    private ManifestCheck() {}

    /** Returns the name of the file for a guard's tensors of a kind, both checked. */
    static String tensorFile(String guard, String kind) {
        return PartName.require("A guard", guard)
                + "."
                + PartName.require("A kind of tensors of guard \"%s\"".formatted(guard), kind)
                + TENSORS;
    }

    /** Returns the name of the file for the running statistics of a task. */
    static String statisticsFile(int task) {
        return tensorFile(PartName.OWN, "statistics-" + (task + 1));
    }

    /** Returns what is wrong with it. */
    static Optional<String> problem(Manifest manifest, long number) {
        if (manifest.generation != number) {
            return Optional.of(
                    "its folder is that of generation %s, but it says %s"
                            .formatted(number, manifest.generation));
        }
        if (lacksSomething(manifest)) {
            return Optional.of("it lacks a part");
        }
        return manifest.files.keySet().stream()
                .filter(name -> !isTensorFile(name))
                .findFirst()
                .map(name -> "it names the file \"%s\", which no memory has".formatted(name));
    }

    /** Gson sets a field to null where the text says so. */
    private static boolean lacksSomething(Manifest manifest) {
        return isAnyNull(manifest.tasks)
                || manifest.tasks.stream().anyMatch(task -> task.name() == null)
                || manifest.tasks.stream().anyMatch(task -> isAnyNull(task.classes()))
                || isAnyNull(manifest.weights)
                || manifest.weights.stream().anyMatch(TaskWeights::isIncomplete)
                || isAnyNull(manifest.parameters)
                || manifest.parameters.values().stream().anyMatch(ManifestCheck::isIncomplete)
                || isAnyNull(manifest.guards)
                || manifest.guards.values().stream().anyMatch(ManifestCheck::isAnyNull)
                || isAnyNull(manifest.states)
                || manifest.states.values().stream().anyMatch(state -> isAnyNull(state.parts()))
                || isAnyNull(manifest.files)
                || manifest.files.values().stream().anyMatch(sum -> sum.sha256 == null);
    }

    private static boolean isIncomplete(Manifest.ParameterShape kept) {
        return Stream.of(kept.shape, kept.dtype, kept.sha256).anyMatch(Objects::isNull)
                || !(kept.sha256.isEmpty() || TaskWeights.Print.isSum(kept.sha256));
    }

    private static boolean isAnyNull(@Nullable Collection<?> values) {
        return values == null || values.stream().anyMatch(Objects::isNull);
    }

    private static boolean isAnyNull(@Nullable Map<?, ?> values) {
        return values == null || isAnyNull(values.values());
    }

    private static boolean isTensorFile(String name) {
        String[] words = name.split("\\.", -1);
        return words.length == 3
                && PartName.accepts(words[0])
                && PartName.accepts(words[1])
                && TENSORS.equals("." + words[2]);
    }
}
