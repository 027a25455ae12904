package dev.engram.onnx.internal.write;

import dev.engram.kit.files.AtomicReplacement;
import dev.engram.onnx.graph.OnnxException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder beside a file, in which its successor is made and checked before it takes its place.
 *
 * <p>A file beside the folder is locked while its process lives. A folder whose lock is free was
 * left by a process that died; the next writer of the same file removes it. One process must have
 * only one of these at a time: on POSIX it loses a lock as soon as it closes any channel to the
 * locked file, as the look for dead ones would.
 */
public final class Staging implements AutoCloseable {

    private static final String LOCK = ".lock";

    private final Path home;
    private final Path folder;
    private final Path lockFile;
    private final FileChannel lock;

    private Staging(Path home, Path lockFile, FileChannel lock) throws IOException {
        this.home = home;
        this.lockFile = lockFile;
        this.lock = lock;
        this.folder = Files.createDirectory(folder(lockFile));
    }

    /**
     * Makes the folder.
     *
     * @param file what is to be replaced; a real path
     */
    public static Staging beside(Path file) throws IOException {
        Path home = file.resolveSibling(".").normalize();
        if (!Files.isDirectory(home)) {
            throw new OnnxException(
                    "There is no folder %s to write %s into; create it first"
                            .formatted(home, file.getFileName()));
        }
        String prefix = "." + file.getFileName() + ".engram-";
        clear(home, prefix);
        Path lockFile = Files.createTempFile(home, prefix, LOCK);
        FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.WRITE);
        lock.lock();
        return new Staging(home, lockFile, lock);
    }

    private static Path folder(Path lockFile) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    /** A lock without a folder is left alone: its process may be about to take it. */
    private static void clear(Path home, String prefix) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                boolean isLock = name.startsWith(prefix) && name.endsWith(LOCK);
                if (isLock && Files.isDirectory(folder(file))) {
                    clear(file);
                }
            }
        }
    }

    private static void clear(Path lockFile) throws IOException {
        try (FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
            if (lock.tryLock() != null) {
                delete(folder(lockFile));
                Files.deleteIfExists(lockFile);
            }
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            // A writer of this process that another class loader has loaded, or one just ended.
            return;
        }
    }

    public Path folder() {
        return folder;
    }

    /** Moves the files to where they belong, each in one step and after all are on the disk. */
    public void replace(List<Path> files) throws IOException {
        Map<Path, Path> targets = new LinkedHashMap<>();
        for (Path file : files) {
            Path target = home.resolve(folder.relativize(file).toString());
            Files.createDirectories(target.resolveSibling(".").normalize());
            targets.put(file, target);
        }
        AtomicReplacement.all(targets);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(folder);
        lock.close();
        Files.deleteIfExists(lockFile);
    }
}
