package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.DamageAdvice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/**
 * The arrays of samples of one layout: records of one length in numbered slots of a file.
 *
 * <p>What is in use is said by the index, not here. A slot is given out again only after the change
 * that freed it has been committed, so that no record is overwritten that the index still names.
 */
final class SlotFile implements AutoCloseable {

    private static final int ZEROS = 1 << 16;

    private final Path path;
    private final int length;
    private final boolean wasMissing;
    private final FileChannel channel;
    private final BitSet used = new BitSet();
    private final ByteBuffer record;

    SlotFile(Path path, long length) {
        this.path = path;
        this.length = Math.toIntExact(length);
        this.wasMissing = Files.notExists(path);
        this.record = ByteBuffer.allocateDirect(this.length);
        try {
            channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed("opened", e);
        }
    }

    Path path() {
        return path;
    }

    /** Marks a slot that the index names. */
    void claim(int slot) {
        used.set(slot);
    }

    int claimFree() {
        int slot = used.nextClearBit(0);
        used.set(slot);
        return slot;
    }

    void release(int slot) {
        used.clear(slot);
    }

    /** Returns an empty buffer for one record, the same at each call. */
    ByteBuffer record() {
        return record.clear();
    }

    /** Writes the record that {@link #record} was filled with. */
    void write(int slot) {
        record.flip();
        try {
            writeAll(record, (long) slot * length);
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    /** Returns the record of a slot, valid until the next call. */
    ByteBuffer read(int slot) {
        record.clear();
        long from = (long) slot * length;
        try {
            while (record.hasRemaining()) {
                if (channel.read(record, from + record.position()) < 0) {
                    throw cut(slot, from + length);
                }
            }
        } catch (IOException e) {
            throw failed("read", e);
        }
        return record.flip();
    }

    private EngramException cut(int slot, long end) throws IOException {
        String seen =
                wasMissing
                        ? "it was missing when the store was opened, though the index names samples"
                                + " in it"
                        : "it ends at byte %s, the sample in slot %s ends at %s"
                                .formatted(channel.size(), slot, end);
        return new EngramException(
                "%s is damaged: %s. %s".formatted(path, seen, DamageAdvice.TEXT));
    }

    /** Overwrites all slots that are not in use, and gives the end of the file back. */
    void wipe() {
        try {
            channel.truncate((long) used.length() * length);
            for (int slot = used.nextClearBit(0);
                    slot < used.length();
                    slot = used.nextClearBit(slot)) {
                int end = used.nextSetBit(slot);
                zero((long) slot * length, (long) end * length);
                slot = end;
            }
            channel.force(true);
        } catch (IOException e) {
            throw failed("wiped", e);
        }
    }

    private void zero(long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
        for (long at = from; at < to; at += ZEROS) {
            zeros.clear().limit((int) Math.min(ZEROS, to - at));
            writeAll(zeros, at);
        }
    }

    private void writeAll(ByteBuffer bytes, long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed("closed", e);
        }
    }

    private EngramException failed(String action, IOException cause) {
        return new EngramException(
                "%s could not be %s: %s".formatted(path, action, cause.getMessage()), cause);
    }
}
