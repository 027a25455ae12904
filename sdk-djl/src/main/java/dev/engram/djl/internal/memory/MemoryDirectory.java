package dev.engram.djl.internal.memory;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.memory.DamagedMemoryException;
import dev.engram.kit.files.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was learnt, in a directory that no crash can damage.
 *
 * <p>Each save writes a new folder {@code generation-N.tmp}, forces it to the disk and renames it
 * to {@code generation-N}: at any byte where a process dies, the previous generation is readable.
 * The last two are kept. A generation holds {@code manifest.json} (versions, tasks, parameter names
 * and shapes, the SHA-256 of each file), its own checksum, and tensors as safetensors. One listener
 * of one process at a time may write; a second one is refused, from {@link #hold} to {@link
 * #release}, too. Anybody may read meanwhile. An interrupt of the thread delays nothing and loses
 * nothing: it is noticed when the call has returned.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MemoryDirectory {

    private final Path root;
    private final GenerationFolders folders;
    private @Nullable DirectoryLock held;

    /** Creates the view of a directory, which need not exist yet. */
    public MemoryDirectory(Path root) {
        this.root = Given.require(root, "new MemoryDirectory", "Path.of(\"memory\")");
        this.folders = new GenerationFolders(root);
    }

    /** Returns the path. */
    public Path path() {
        return root;
    }

    /** Returns whether no generation is there. */
    public boolean isEmpty() {
        return folders.numbers().isEmpty();
    }

    /**
     * Returns the newest generation, or nothing if none was ever written.
     *
     * @throws DamagedMemoryException if it is damaged, naming the file and the last good generation
     */
    public Optional<Generation> latest() {
        List<Long> numbers = folders.numbers();
        return numbers.isEmpty() ? Optional.empty() : Optional.of(read(numbers.get(0)));
    }

    /**
     * Returns one generation.
     *
     * @throws DamagedMemoryException if it is damaged, naming the file and the last good generation
     * @throws EngramException if there is no such generation, naming those there are
     */
    public Generation read(long number) {
        List<Long> numbers = folders.numbers();
        if (!numbers.contains(number)) {
            throw new EngramException(
                    "No generation %s in %s; there are %s".formatted(number, root, numbers));
        }
        GenerationFolder folder = folders.folder(number);
        try {
            return new Generation(folder.path(), folder.read());
        } catch (GenerationFolder.DamagedException e) {
            throw new DamagedMemoryException(e.getMessage() + "\n" + folders.advice(number));
        }
    }

    /**
     * Keeps every other writer out until {@link #release}, such as while a task trains for hours;
     * that the process dies releases it, too. Held already, it stays so.
     *
     * @param base the generation that the writer started from, 0 for none
     * @throws EngramException if another writer holds it, has written since, or if what is learnt
     *     cannot be written here
     */
    public void hold(long base) {
        boolean wasHeld = held != null;
        if (!wasHeld) {
            held = take();
        }
        try {
            requireWritable(base);
        } catch (RuntimeException e) {
            if (!wasHeld) {
                release();
            }
            throw e;
        }
    }

    /** Lets others write again; does nothing if it is not held. */
    public void release() {
        DirectoryLock last = held;
        held = null;
        if (last != null) {
            try {
                last.close();
            } catch (IOException e) {
                throw cannotWrite(e);
            }
        }
    }

    /**
     * Checks, before a task trains for hours, that what it learns can be written here.
     *
     * @param base the generation that the writer started from, 0 for none
     * @throws EngramException if another process has written since, or the directory cannot be
     *     written
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
     * @throws EngramException if another writer holds the memory or has written since, or it cannot
     *     be written
     */
    public long write(GenerationDraft draft, long base) {
        return locked(
                () -> {
                    requireNewest(base);
                    folders.write(draft, base + 1);
                    return base + 1;
                });
    }

    /** Removes all generations before one, such as those that hold what was to be erased. */
    public void dropEarlier(long number) {
        locked(
                () -> {
                    List<Long> numbers = folders.numbers();
                    folders.drop(numbers.stream().filter(earlier -> earlier < number).toList());
                    return number;
                });
    }

    /** Removes what processes left behind that died while they wrote; it may hold samples. */
    public void removeUnfinished() {
        if (Files.isDirectory(root)) {
            locked(
                    () -> {
                        folders.sweep();
                        return 0L;
                    });
        }
    }

    private long locked(Uninterrupted.Work<Long> work) {
        boolean wasHeld = held != null;
        if (!wasHeld) {
            held = take();
        }
        try {
            Files.createDirectories(root);
            return work.done();
        } catch (IOException e) {
            throw cannotWrite(e);
        } finally {
            if (!wasHeld) {
                release();
            }
        }
    }

    private DirectoryLock take() {
        try {
            Files.createDirectories(root);
            Optional<DirectoryLock> taken = DirectoryLock.take(root);
            if (taken.isEmpty()) {
                throw new EngramException(
                        "The memory %s is in use by %s, which trains with it or is writing to the memory: two at once would each lose what the other learns. Close the other's trainer, or end it, and build this listener anew; or give each training a memory of its own (optMemory). Reading it, as tasks(model) does, is possible meanwhile."
                                .formatted(root, DirectoryLock.holder(root)));
            }
            return taken.get();
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private EngramException cannotWrite(IOException e) {
        return new EngramException(
                "Cannot write the memory to %s; what was learnt before is still there: %s. Give optMemory a directory that this process may write, on a disk with room."
                        .formatted(root, e),
                e);
    }

    private void requireNewest(long base) {
        long newest = folders.newest();
        if (newest > base) {
            throw new EngramException(
                    "Another process has written generation %s, after %s, to the memory %s, or another listener of this one. Give each training a memory of its own, or run them one after the other; to go on from what is there, build the listener anew."
                            .formatted(newest, base, root));
        }
    }
}
