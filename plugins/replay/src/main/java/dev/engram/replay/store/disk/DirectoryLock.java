package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second process, or a second store in this one, out of a directory. */
final class DirectoryLock implements AutoCloseable {

    private final FileChannel channel;

    DirectoryLock(Path directory) {
        Path file = directory.resolve("lock");
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock() == null) {
                channel.close();
                throw new EngramException(
                        "%s is open elsewhere: one process at a time may open it. Close the other, or let both share a JdbcStore"
                                .formatted(directory));
            }
        } catch (IOException e) {
            throw new EngramException(
                    "%s could not be opened: %s".formatted(file, e.getMessage()), e);
        }
    }

    private @Nullable FileLock tryLock() throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new EngramException("The lock of a store could not be given back", e);
        }
    }
}
