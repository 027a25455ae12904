package dev.engram.djl.internal.memory;

import ai.djl.ndarray.NDArray;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DiskSync;
import dev.engram.kit.files.Safetensors;
import dev.engram.kit.files.Uninterrupted;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The folders of a memory directory's generations; whoever changes them has its lock. */
final class GenerationFolders {

    private static final int KEPT = 2;

    private final Path root;

    GenerationFolders(Path root) {
        this.root = root;
    }

    /** Returns the numbers of all finished generations, newest first. */
    List<Long> numbers() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(GenerationName::number)
                    .flatMap(Optional::stream)
                    .sorted((a, b) -> Long.compare(b, a))
                    .toList();
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot list the memory directory %s (%s): give this process the right to read it"
                            .formatted(root, e),
                    e);
        }
    }

    long newest() {
        return numbers().stream().findFirst().orElse(0L);
    }

    GenerationFolder folder(long number) {
        return new GenerationFolder(root.resolve(GenerationName.of(number)), number);
    }

    /** Returns what to do where one is damaged. */
    String advice(long damaged) {
        return numbers().stream()
                .filter(number -> number != damaged && folder(number).damage().isEmpty())
                .findFirst()
                .map(
                        good ->
                                "Generation %s is intact: to go on from it, remove the folder %s"
                                        .formatted(good, folder(damaged).path()))
                .orElse("No other generation is intact: restore the directory from a backup");
    }

    /** Writes a generation, and drops those that are old then. */
    void write(GenerationDraft draft, long number) throws IOException {
        Path finished = folder(number).path();
        Path unfinished = GenerationName.unfinished(finished);
        draft.manifest.generation = number;
        Uninterrupted.get(
                () -> {
                    sweep();
                    Files.createDirectory(unfinished);
                    writeFiles(draft, unfinished);
                    return unfinished;
                });
        AtomicReplacement.of(unfinished, finished);
        List<Long> numbers = numbers();
        drop(numbers.subList(Math.min(KEPT, numbers.size()), numbers.size()));
    }

    private static void writeFiles(GenerationDraft draft, Path folder) throws IOException {
        for (Map.Entry<String, Map<String, NDArray>> file : draft.tensors.entrySet()) {
            writeTensors(folder.resolve(file.getKey()), file.getValue(), draft.manifest);
        }
        GenerationFolder.seal(folder, draft.manifest);
    }

    private static void writeTensors(Path file, Map<String, NDArray> tensors, Manifest manifest)
            throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            Safetensors.write(tensors, out);
        }
        DiskSync.force(file);
        Manifest.FileSum sum = new Manifest.FileSum();
        sum.bytes = Files.size(file);
        sum.sha256 = Checksums.of(file);
        manifest.files.put(file.getFileName().toString(), sum);
    }

    void drop(List<Long> numbers) throws IOException {
        for (long old : numbers) {
            // Renamed first: a half-deleted folder must not look like a generation.
            Path doomed = GenerationName.unfinished(folder(old).path());
            AtomicReplacement.of(folder(old).path(), doomed);
            delete(doomed);
        }
    }

    /** Removes what processes left behind that died while they wrote. */
    void sweep() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            for (Path path : entries.filter(GenerationName::isUnfinished).toList()) {
                delete(path);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
}
