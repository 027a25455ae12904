package dev.engram.onnx.internal.proto;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.engram.kit.files.DiskSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Gives finished files the names of others: each appears in one step, and after it is on disk. */
public final class Replacement {

    private Replacement() {}

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

    /**
     * Replaces files; a process that dies meanwhile leaves each the old or the new one.
     *
     * @param targets by finished file, on the same disk; in this order
     */
    public static void all(Map<Path, Path> targets) throws IOException {
        for (Path finished : targets.keySet()) {
            DiskSync.force(finished);
        }
        Set<Path> folders = new LinkedHashSet<>();
        for (Map.Entry<Path, Path> each : targets.entrySet()) {
            Files.move(each.getKey(), each.getValue(), ATOMIC_MOVE, REPLACE_EXISTING);
            folders.add(each.getValue().resolveSibling(".").normalize());
        }
        for (Path folder : folders) {
            DiskSync.force(folder);
        }
    }
}
