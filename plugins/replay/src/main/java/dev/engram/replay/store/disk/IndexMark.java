package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.DamageAdvice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How many changes the index held when the drive last had all of it.
 *
 * <p>An MVStore whose file was cut opens without a word, at the last commit that is whole, or as an
 * empty one. What would then be written over is what it no longer knows.
 */
final class IndexMark {

    private static final String NAME = "index.mark";

    private final Path path;
    private long written;

    IndexMark(Path directory) {
        path = directory.resolve(NAME);
    }

    /**
     * Checks an index that was opened.
     *
     * @param changes that it holds
     * @throws EngramException if it held more before
     */
    void require(Path index, long changes) {
        long before = read();
        written = before;
        if (changes < before) {
            throw new EngramException(
                    "%s is damaged: it was cut, or is an older copy: it holds %s of the %s changes that were written into it. Nothing was changed. %s"
                            .formatted(index, changes, before, DamageAdvice.TEXT));
        }
    }

    /**
     * Returns the changes; 0 if it is not there, or was cut itself, which says nothing of the
     * index.
     */
    private long read() {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            if (bytes.remaining() != 2 * Long.BYTES) {
                return 0;
            }
            long changes = bytes.getLong();
            return changes == ~bytes.getLong() ? changes : 0;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new EngramException("%s could not be read: %s".formatted(path, e), e);
        }
    }

    /** Takes note of what the drive has; of a directory that is gone there is nothing to note. */
    void write(long changes) {
        if (changes == written) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(changes).putLong(~changes);
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(bytes.flip(), 0);
            written = changes;
        } catch (NoSuchFileException e) {
            written = 0;
        } catch (IOException e) {
            throw new EngramException("%s could not be written: %s".formatted(path, e), e);
        }
    }
}
