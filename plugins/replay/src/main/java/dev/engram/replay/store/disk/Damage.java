package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.DamageAdvice;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files of a store that are not as they were, and what is to be done. */
final class Damage {

    private Damage() {}

    /**
     * Refuses arrays without an index: they are no new store, and one would write over them.
     *
     * @throws EngramException naming the file that is missing
     */
    static void requireIndex(Path directory) {
        if (length(directory.resolve(DiskCatalog.INDEX)) == 0) {
            requireNoArrays(directory, "is missing or empty");
        }
    }

    /**
     * Refuses arrays of which an index knows nothing.
     *
     * @param seen what is wrong with the index
     */
    static void requireNoArrays(Path directory, String seen) {
        try (DirectoryStream<Path> arrays = Files.newDirectoryStream(directory, "payload-*.rows")) {
            for (Path file : arrays) {
                if (length(file) > 0) {
                    throw new EngramException(
                            "%s is damaged: its %s %s, but %s holds samples. %s"
                                    .formatted(
                                            directory,
                                            DiskCatalog.INDEX,
                                            seen,
                                            file.getFileName(),
                                            DamageAdvice.TEXT));
                }
            }
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static EngramException unreadable(Path path, IOException cause) {
        return new EngramException("%s could not be read: %s".formatted(path, cause), cause);
    }
}
