package dev.engram.djl.memory;

import ai.djl.ndarray.NDArray;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was learnt, in a directory that no crash can damage.
 *
 * <p>Each save writes a new folder {@code generation-N.tmp}, forces it to the disk and renames it
 * to {@code generation-N}: at any byte where a process dies, the previous generation is readable.
 * The last two are kept. A generation holds {@code manifest.json} (versions, tasks, parameter names
 * and shapes, the SHA-256 of each file), its own checksum, and tensors as safetensors. One process
 * at a time may write; a second one is refused.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MemoryDirectory {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final String PREFIX = "generation-";
    private static final String UNFINISHED = ".tmp";
    private static final String MANIFEST = "manifest.json";
    private static final String MANIFEST_SUM = "manifest.json.sha256";
    private static final int KEPT = 2;

    private final Path root;

    /** Creates the view of a directory, which need not exist yet. */
    public MemoryDirectory(Path root) {
        this.root = root;
    }

    /** Returns the path. */
    public Path path() {
        return root;
    }

    static String tensorFile(String guard, String kind) {
        return guard + "." + kind + ".safetensors";
    }

    /**
     * Returns the newest generation, or nothing if none was ever written.
     *
     * @throws DamagedMemoryException if it is damaged, naming the file and the last good generation
     */
    public Optional<Generation> latest() {
        List<Long> numbers = numbers();
        return numbers.isEmpty() ? Optional.empty() : Optional.of(read(numbers.get(0)));
    }

    /**
     * Returns one generation.
     *
     * @throws DamagedMemoryException if it is damaged, naming the file and the last good generation
     * @throws EngramException if there is no such generation, naming those there are
     */
    public Generation read(long number) {
        if (!numbers().contains(number)) {
            throw new EngramException(
                    "No generation %d in %s; there are %s".formatted(number, root, numbers()));
        }
        Optional<String> damage = damage(number);
        if (damage.isPresent()) {
            throw new DamagedMemoryException(damage.get() + "\n" + advice(number));
        }
        return new Generation(folder(number), manifest(folder(number)));
    }

    /**
     * Writes the next generation.
     *
     * @param draft what to write
     * @param base the generation that the writer started from, 0 for none
     * @return its number
     * @throws EngramException if another process has written since, or is writing now
     */
    public long write(GenerationDraft draft, long base) {
        try {
            Files.createDirectories(root);
            try (FileChannel guard =
                            FileChannel.open(
                                    root.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = guard.tryLock()) {
                requireSole(lock, base);
                return writeLocked(draft, base);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot write the memory to %s; what was learnt before is still there"
                            .formatted(root),
                    e);
        }
    }

    /** Removes all generations before one, such as those that hold what was to be erased. */
    public void dropEarlier(long number) {
        try {
            dropAll(numbers().stream().filter(earlier -> earlier < number).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot remove the generations before %d in %s: remove them by hand"
                            .formatted(number, root),
                    e);
        }
    }

    private void requireSole(@Nullable FileLock lock, long base) {
        long newest = numbers().stream().findFirst().orElse(0L);
        if (lock == null || newest > base) {
            throw new EngramException(
                    "Another process %s the memory %s (generation %d; this one started from %d). Give each"
                                    .formatted(
                                            lock == null ? "is writing" : "has written to",
                                            root,
                                            newest,
                                            base)
                            + " training a memory of its own, or run them one after the other.");
        }
    }

    private long writeLocked(GenerationDraft draft, long base) throws IOException {
        long number = base + 1;
        Path finished = folder(number);
        Path unfinished = root.resolve(finished.getFileName() + UNFINISHED);
        sweep();
        Files.createDirectory(unfinished);
        draft.manifest.generation = number;
        for (Map.Entry<String, Map<String, NDArray>> file : draft.tensors.entrySet()) {
            writeTensors(unfinished.resolve(file.getKey()), file.getValue(), draft.manifest);
        }
        Path manifest = unfinished.resolve(MANIFEST);
        Files.writeString(manifest, GSON.toJson(draft.manifest));
        DiskSync.force(manifest);
        Path sum = unfinished.resolve(MANIFEST_SUM);
        Files.writeString(sum, Checksums.of(manifest) + "  " + MANIFEST + "\n");
        DiskSync.force(sum);
        DiskSync.force(unfinished);
        Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
        DiskSync.force(root);
        List<Long> numbers = numbers();
        dropAll(numbers.subList(Math.min(KEPT, numbers.size()), numbers.size()));
        return number;
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

    /** Returns what is wrong with a generation, naming the file. */
    private Optional<String> damage(long number) {
        Path folder = folder(number);
        try {
            String stated = Files.readString(folder.resolve(MANIFEST_SUM)).strip();
            String actual = Checksums.of(folder.resolve(MANIFEST)) + "  " + MANIFEST;
            if (!stated.equals(actual)) {
                return Optional.of(
                        "%s is damaged: it and its checksum in %s differ"
                                .formatted(folder.resolve(MANIFEST), MANIFEST_SUM));
            }
            return damagedFile(folder, manifest(folder));
        } catch (NoSuchFileException e) {
            return Optional.of(e.getFile() + " is missing");
        } catch (IOException | JsonParseException e) {
            return Optional.of("The generation in " + folder + " cannot be read: " + e);
        }
    }

    private static Optional<String> damagedFile(Path folder, Manifest manifest) throws IOException {
        for (Map.Entry<String, Manifest.FileSum> file : manifest.files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            String actual = Checksums.of(path);
            if (!actual.equals(file.getValue().sha256)) {
                return Optional.of(
                        "%s is damaged: its SHA-256 is %s, written was %s"
                                .formatted(path, actual, file.getValue().sha256));
            }
        }
        return Optional.empty();
    }

    private String advice(long damaged) {
        return numbers().stream()
                .filter(number -> number != damaged && damage(number).isEmpty())
                .findFirst()
                .map(
                        good ->
                                "Generation %d is intact: to go on from it, remove the folder %s"
                                        .formatted(good, folder(damaged)))
                .orElse("No other generation is intact: restore the directory from a backup");
    }

    private static Manifest manifest(Path folder) {
        try {
            Manifest manifest =
                    GSON.fromJson(Files.readString(folder.resolve(MANIFEST)), Manifest.class);
            if (!Manifest.FORMAT.equals(manifest.format)
                    || manifest.formatVersion != Manifest.FORMAT_VERSION) {
                throw new EngramException(
                        "%s is %s version %d, but this Engram reads %s version %d; use a newer Engram"
                                .formatted(
                                        folder.resolve(MANIFEST),
                                        manifest.format,
                                        manifest.formatVersion,
                                        Manifest.FORMAT,
                                        Manifest.FORMAT_VERSION));
            }
            return manifest;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the numbers of all finished generations, newest first. */
    private List<Long> numbers() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches(PREFIX + "\\d+"))
                    .map(name -> Long.parseLong(name.substring(PREFIX.length())))
                    .sorted((a, b) -> Long.compare(b, a))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + root, e);
        }
    }

    private Path folder(long number) {
        return root.resolve("%s%06d".formatted(PREFIX, number));
    }

    private void dropAll(List<Long> numbers) throws IOException {
        for (long old : numbers) {
            // Renamed first: a half-deleted folder must not look like a generation.
            Path doomed = root.resolve(folder(old).getFileName() + UNFINISHED);
            Files.move(folder(old), doomed, StandardCopyOption.ATOMIC_MOVE);
            delete(doomed);
        }
    }

    /** Removes what a process left behind that died while writing. */
    private void sweep() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            for (Path path : entries.filter(p -> p.toString().endsWith(UNFINISHED)).toList()) {
                delete(path);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
}
