package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DiskSync;
import dev.engram.kit.files.Safetensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of one adapter, replaced so that a crash leaves the old adapter or the new one.
 *
 * <p>The checksums are renamed first: from then on the new files count, under their temporary names
 * until they have their own.
 */
final class AdapterFolder {

    static final String CONFIG = "adapter_config.json";
    static final String TENSORS = "adapter_model.safetensors";
    static final String UNFINISHED = ".engram-tmp";

    private static final List<String> FILES = List.of(TENSORS, CONFIG);

    private final Path folder;

    AdapterFolder(Path folder) {
        this.folder = folder;
    }

    Optional<AdapterSums> sums() throws IOException {
        Path file = folder.resolve(AdapterSums.FILE);
        return Files.exists(file) ? Optional.of(AdapterSums.read(file)) : Optional.empty();
    }

    /**
     * Returns the path of each file that counts.
     *
     * @throws EngramException naming all files that are missing or damaged
     */
    Found files(Optional<AdapterSums> sums) throws IOException {
        Optional<Path> config = file(CONFIG, sums);
        Optional<Path> tensors = file(TENSORS, sums);
        if (config.isPresent() && tensors.isPresent()) {
            return new Found(config.get(), tensors.get());
        }
        List<String> problems = new ArrayList<>();
        if (config.isEmpty()) {
            problems.add(problem(CONFIG));
        }
        if (tensors.isEmpty()) {
            problems.add(problem(TENSORS));
        }
        throw new EngramException(
                "%s holds no adapter that can be read.\n  - %s"
                        .formatted(folder, String.join("\n  - ", problems)));
    }

    private Optional<Path> file(String name, Optional<AdapterSums> sums) throws IOException {
        for (Path path : List.of(folder.resolve(name), folder.resolve(name + UNFINISHED))) {
            boolean counts = sums.isPresent() || !path.toString().endsWith(UNFINISHED);
            if (counts
                    && Files.isRegularFile(path)
                    && (sums.isEmpty() || sums.get().has(name, Checksums.of(path)))) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private String problem(String name) {
        if (Files.isRegularFile(folder.resolve(name))) {
            return "%s is not what Engram wrote, says %s: restore it; if another program wrote it on purpose, remove %s"
                    .formatted(name, AdapterSums.FILE, AdapterSums.FILE);
        }
        if (name.equals(TENSORS) && Files.exists(folder.resolve("adapter_model.bin"))) {
            return "adapter_model.bin is a pickle, which Engram does not read: save with"
                    + " safe_serialization=True";
        }
        if (name.equals(TENSORS) && Files.exists(folder.resolve(TENSORS + ".index.json"))) {
            return "the tensors are in several files, which PEFT does not read either: save the"
                    + " adapter in one (max_shard_size larger than it is)";
        }
        return name + " is missing";
    }

    void write(PeftAdapter adapter, @Nullable String base) throws IOException {
        if (Files.isDirectory(folder)) {
            finish();
            fill(folder, UNFINISHED, adapter, base);
            rename(AdapterSums.FILE);
            finish();
        } else {
            create(adapter, base);
        }
    }

    private void create(PeftAdapter adapter, @Nullable String base) throws IOException {
        Path absolute = folder.toAbsolutePath();
        Path unfinished = absolute.resolveSibling(absolute.getFileName() + UNFINISHED);
        Files.createDirectories(unfinished);
        fill(unfinished, "", adapter, base);
        AtomicReplacement.of(unfinished, absolute);
    }

    private static void fill(Path into, String ending, PeftAdapter adapter, @Nullable String base)
            throws IOException {
        Path tensors = into.resolve(TENSORS + ending);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tensors))) {
            Map<String, NDArray> arrays = adapter.tensors();
            Safetensors.write(arrays, Map.of("format", "pt"), out);
        }
        DiskSync.force(tensors);
        Path config = text(into.resolve(CONFIG + ending), adapter.config().toJson());
        AdapterSums sums =
                new AdapterSums(base)
                        .with(CONFIG, Checksums.of(config))
                        .with(TENSORS, Checksums.of(tensors));
        text(into.resolve(AdapterSums.FILE + ending), sums.text());
        DiskSync.force(into);
    }

    private static Path text(Path file, String text) throws IOException {
        Files.writeString(file, text);
        DiskSync.force(file);
        return file;
    }

    /** Gives their names to files that a crash left with temporary ones, and that count. */
    private void finish() throws IOException {
        Optional<AdapterSums> sums = sums();
        for (String name : FILES) {
            Optional<Path> path = file(name, sums);
            if (path.isPresent() && path.get().toString().endsWith(UNFINISHED)) {
                rename(name);
            } else if (path.isPresent()) {
                // The same bytes saved anew count under their own name already.
                Files.deleteIfExists(folder.resolve(name + UNFINISHED));
            }
        }
    }

    private void rename(String name) throws IOException {
        AtomicReplacement.of(folder.resolve(name + UNFINISHED), folder.resolve(name));
    }

    /** Where the files are that count. */
    record Found(Path config, Path tensors) {}
}
