package dev.engram.djl.memory;

import ai.djl.ndarray.NDArray;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
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
 * at a time may write; a second one is refused. An interrupt of the thread delays nothing and loses
 * nothing: it is noticed when the call has returned.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MemoryDirectory {

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

    /** Returns whether no generation is there. */
    public boolean isEmpty() {
        return numbers().isEmpty();
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
                    "No generation %s in %s; there are %s".formatted(number, root, numbers()));
        }
        GenerationFolder folder = folder(number);
        try {
            return new Generation(folder.path(), folder.read());
        } catch (GenerationFolder.DamagedException e) {
            throw new DamagedMemoryException(e.getMessage() + "\n" + advice(number));
        }
    }

    /**
     * Checks, before a task trains for hours, that what it learns can be written here.
     *
     * @param base the generation that the writer started from, 0 for none
     * @throws EngramException if another process has written since
     * @throws UncheckedIOException if the directory cannot be written
     */
    public void requireWritable(long base) {
        requireNewest(base);
        try {
            Files.createDirectories(root);
            Files.deleteIfExists(Files.createTempFile(root, "writable", ".tmp"));
        } catch (IOException e) {
            throw cannotWrite(e);
        }
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
        return locked(
                () -> {
                    requireNewest(base);
                    return writeLocked(draft, base + 1);
                });
    }

    /** Removes all generations before one, such as those that hold what was to be erased. */
    public void dropEarlier(long number) {
        locked(
                () -> {
                    dropAll(numbers().stream().filter(earlier -> earlier < number).toList());
                    return number;
                });
    }

    /** Removes what processes left behind that died while they wrote; it may hold samples. */
    public void removeUnfinished() {
        if (Files.isDirectory(root)) {
            locked(
                    () -> {
                        sweep();
                        return 0L;
                    });
        }
    }

    private long locked(Uninterrupted.Work<Long> work) {
        try {
            Files.createDirectories(root);
            try (FileChannel channel = Uninterrupted.get(this::lockFile);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    throw other("is writing to", null);
                }
                return work.done();
            }
        } catch (OverlappingFileLockException e) {
            throw other("is writing to", e);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private UncheckedIOException cannotWrite(IOException e) {
        return new UncheckedIOException(
                "Cannot write the memory to %s; what was learnt before is still there: %s"
                        .formatted(root, e),
                e);
    }

    private FileChannel lockFile() throws IOException {
        return FileChannel.open(
                root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private void requireNewest(long base) {
        long newest = numbers().stream().findFirst().orElse(0L);
        if (newest > base) {
            throw other("has written generation %s, after %s, to".formatted(newest, base), null);
        }
    }

    private EngramException other(String does, @Nullable Throwable cause) {
        return new EngramException(
                "Another process %s the memory %s, or another listener of this one. Give each training a memory of its own, or run them one after the other; to go on from what is there, build the listener anew."
                        .formatted(does, root),
                cause);
    }

    private long writeLocked(GenerationDraft draft, long number) throws IOException {
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
        Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
        DiskSync.force(root);
        List<Long> numbers = numbers();
        dropAll(numbers.subList(Math.min(KEPT, numbers.size()), numbers.size()));
        return number;
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

    private String advice(long damaged) {
        return numbers().stream()
                .filter(number -> number != damaged && folder(number).damage().isEmpty())
                .findFirst()
                .map(
                        good ->
                                "Generation %s is intact: to go on from it, remove the folder %s"
                                        .formatted(good, folder(damaged).path()))
                .orElse("No other generation is intact: restore the directory from a backup");
    }

    /** Returns the numbers of all finished generations, newest first. */
    private List<Long> numbers() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(GenerationName::number)
                    .flatMap(Optional::stream)
                    .sorted((a, b) -> Long.compare(b, a))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + root, e);
        }
    }

    private GenerationFolder folder(long number) {
        return new GenerationFolder(root.resolve(GenerationName.of(number)), number);
    }

    private void dropAll(List<Long> numbers) throws IOException {
        for (long old : numbers) {
            // Renamed first: a half-deleted folder must not look like a generation.
            Path doomed = GenerationName.unfinished(folder(old).path());
            Files.move(folder(old).path(), doomed, StandardCopyOption.ATOMIC_MOVE);
            delete(doomed);
        }
    }

    private void sweep() throws IOException {
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
