package dev.engram.djl.internal.memory;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.engram.api.EngramException;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.files.DiskSync;
import dev.engram.kit.files.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The folder of one generation, of which nothing is believed before it was checked: it may be
 * damaged, and it may come from anybody.
 */
final class GenerationFolder {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final String MANIFEST = "manifest.json";
    private static final String MANIFEST_SUM = "manifest.json.sha256";

    private final Path path;
    private final long number;

    GenerationFolder(Path path, long number) {
        this.path = path;
        this.number = number;
    }

    Path path() {
        return path;
    }

    /** Writes the manifest and its checksum into a folder that holds the tensors already. */
    static void seal(Path folder, Manifest manifest) throws IOException {
        Path file = folder.resolve(MANIFEST);
        Files.writeString(file, GSON.toJson(manifest));
        DiskSync.force(file);
        Path sum = folder.resolve(MANIFEST_SUM);
        Files.writeString(sum, Checksums.of(file) + "  " + MANIFEST + "\n");
        DiskSync.force(sum);
        DiskSync.force(folder);
    }

    /**
     * Returns what it holds.
     *
     * @throws DamagedException naming the file that is damaged
     * @throws EngramException if another version of Engram wrote it
     */
    Manifest read() throws DamagedException {
        try {
            return Uninterrupted.get(this::checked);
        } catch (DamagedException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new DamagedException(e.getFile() + " is missing");
        } catch (IOException | JsonParseException e) {
            throw new DamagedException("The generation in " + path + " cannot be read: " + e);
        }
    }

    /** Returns what is wrong with it, naming the file. */
    Optional<String> damage() {
        try {
            read();
            return Optional.empty();
        } catch (DamagedException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    private Manifest checked() throws IOException {
        Path file = path.resolve(MANIFEST);
        String stated = Files.readString(path.resolve(MANIFEST_SUM)).strip();
        if (!stated.equals(Checksums.of(file) + "  " + MANIFEST)) {
            throw new DamagedException(
                    "%s is damaged: it and its checksum in %s differ"
                            .formatted(file, MANIFEST_SUM));
        }
        Manifest manifest = GSON.fromJson(Files.readString(file), Manifest.class);
        if (manifest == null) {
            throw new DamagedException(file + " is damaged: it is empty");
        }
        requireVersion(file, manifest);
        Optional<String> problem = ManifestCheck.problem(manifest, number);
        if (problem.isPresent()) {
            throw new DamagedException("%s is damaged: %s".formatted(file, problem.get()));
        }
        for (Map.Entry<String, Manifest.FileSum> tensors : manifest.files.entrySet()) {
            requireWhole(path.resolve(tensors.getKey()), tensors.getValue());
        }
        return manifest;
    }

    private static void requireVersion(Path file, Manifest manifest) {
        if (!Manifest.FORMAT.equals(manifest.format)
                || manifest.formatVersion != Manifest.FORMAT_VERSION) {
            throw new EngramException(
                    "%s is %s version %s, but this Engram reads %s version %s; use a newer Engram"
                            .formatted(
                                    file,
                                    manifest.format,
                                    manifest.formatVersion,
                                    Manifest.FORMAT,
                                    Manifest.FORMAT_VERSION));
        }
    }

    private static void requireWhole(Path file, Manifest.FileSum written) throws IOException {
        // Looked at before it is read: a device or a pipe has no end.
        if (!Files.exists(file)) {
            throw new DamagedException(file + " is missing");
        }
        if (!Files.isRegularFile(file) || Files.size(file) != written.bytes) {
            throw new DamagedException(
                    "%s is damaged: it is no file of the %s bytes that were written"
                            .formatted(file, written.bytes));
        }
        String actual = Checksums.of(file);
        if (!actual.equals(written.sha256)) {
            throw new DamagedException(
                    "%s is damaged: its SHA-256 is %s, written was %s"
                            .formatted(file, actual, written.sha256));
        }
    }

    /** What is wrong with a generation. */
    static final class DamagedException extends IOException {

        private static final long serialVersionUID = 1L;

        DamagedException(String message) {
            super(message);
        }
    }
}
