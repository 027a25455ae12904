package dev.engram.djl.internal.memory;

import dev.engram.kit.files.Uninterrupted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The right to write to a memory directory, which one listener of one process has at a time.
 *
 * <p>The system takes it back when its process dies, whatever from; the file stays and means
 * nothing without the lock.
 */
final class DirectoryLock implements AutoCloseable {

    private static final String FILE = "lock";

    /**
     * The directories that this process has. Some systems give up all locks of a process on a file
     * when it closes any channel on it, so no second channel is opened.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path directory;
    private final FileChannel channel;
    private final FileLock lock;

    private DirectoryLock(Path directory, FileChannel channel, FileLock lock) {
        this.directory = directory;
        this.channel = channel;
        this.lock = lock;
    }

    /** Returns the lock of a directory that exists, or nothing if somebody has it. */
    static Optional<DirectoryLock> take(Path root) throws IOException {
        Path directory = root.toRealPath();
        synchronized (HELD) {
            if (HELD.contains(directory)) {
                return Optional.empty();
            }
            Optional<DirectoryLock> taken = Uninterrupted.get(() -> open(directory));
            taken.ifPresent(lock -> HELD.add(directory));
            return taken;
        }
    }

    /** Returns who has it, to complete the phrase "The memory is in use by ...". */
    static String holder(Path root) throws IOException {
        Path directory = root.toRealPath();
        synchronized (HELD) {
            if (HELD.contains(directory)) {
                return "another listener of this process";
            }
        }
        try {
            String process = Files.readString(directory.resolve(FILE)).strip();
            if (process.equals(own())) {
                return "something else in this process";
            }
            return process.isEmpty() ? "another process" : "another process, of number " + process;
        } catch (IOException e) {
            // Where locks keep readers out, too.
            return "another process";
        }
    }

    private static Optional<DirectoryLock> open(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
            if (lock == null) {
                return Optional.empty();
            }
            sign(channel);
            return Optional.of(new DirectoryLock(directory, channel, lock));
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        } finally {
            if (lock == null || !channel.isOpen()) {
                channel.close();
            }
        }
    }

    /** Says whose it is, for the message to others; a full disk must not keep anybody from it. */
    private static void sign(FileChannel channel) throws IOException {
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(own().getBytes(StandardCharsets.US_ASCII)));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            // It is locked nevertheless, and the message names nobody.
        }
    }

    private static String own() {
        return Long.toString(ProcessHandle.current().pid());
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            HELD.remove(directory);
            if (lock.isValid()) {
                lock.release();
            }
            channel.close();
        }
    }
}
