package dev.engram.kit.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.engram.api.Stable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Gives what is finished the name of what it replaces: in one step, and after it is on the disk, so
 * that a process that dies at any moment leaves the old one or the new one, whole.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class AtomicReplacement {

    private static final String UNFINISHED = ".engram-tmp";

    private AtomicReplacement() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes it; the stream stays open. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file beside the target and gives it the target's name; where the target is a link,
     * the file that it leads to is replaced. Where that fails, nothing is left beside it.
     */
    public static void write(Path target, Content content) throws IOException {
        Path file = real(target);
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        try {
            fill(unfinished, content);
            of(unfinished, file);
        } catch (IOException | RuntimeException | Error e) {
            discard(unfinished, e);
            throw e;
        }
    }

    private static void fill(Path file, Content content) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            content.writeTo(out);
        }
    }

    private static void discard(Path unfinished, Throwable why) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Replaces a file, or gives a finished folder a name that nothing has, or an empty folder where
     * the system replaces those.
     *
     * @param finished on the same disk as the target
     */
    public static void of(Path finished, Path target) throws IOException {
        all(Map.of(finished, target));
    }

    /**
     * Replaces files, each in one step.
     *
     * @param targets by finished file, on the same disk; in this order
     */
    public static void all(Map<Path, Path> targets) throws IOException {
        for (Path finished : targets.keySet()) {
            DiskSync.force(finished);
        }
        Set<Path> folders = new LinkedHashSet<>();
        for (Map.Entry<Path, Path> each : targets.entrySet()) {
            move(each.getKey(), each.getValue());
            folders.add(each.getValue().toAbsolutePath().resolveSibling(".").normalize());
        }
        for (Path folder : folders) {
            DiskSync.force(folder);
        }
    }

    // POSIX lets a folder take the place of an empty one, others of none: no content is lost.
    private static void move(Path finished, Path target) throws IOException {
        if (Files.isDirectory(finished)) {
            Files.move(finished, target, ATOMIC_MOVE);
        } else {
            Files.move(finished, target, ATOMIC_MOVE, REPLACE_EXISTING);
        }
    }

    /**
     * Returns the file that is written when a name is: of a link, what it leads to, so that the
     * link stays one. The path is a real one wherever its folder is there.
     *
     * @throws IOException if a link leads nowhere
     */
    public static Path real(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        if (Files.isSymbolicLink(absolute) && !Files.exists(absolute)) {
            throw new NoSuchFileException(
                    absolute.toString(), null, "the link leads to a file that is not there");
        }
        if (Files.exists(absolute)) {
            return absolute.toRealPath();
        }
        Path folder = absolute.resolveSibling(".");
        return Files.isDirectory(folder)
                ? folder.toRealPath().resolve(absolute.getFileName())
                : absolute;
    }
}
