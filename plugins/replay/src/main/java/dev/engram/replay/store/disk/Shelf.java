package dev.engram.replay.store.disk;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.PackedRows;
import dev.engram.replay.store.Layout;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The samples of one layout in a disk store: their bytes, in envelopes, in slots of a file. */
final class Shelf implements AutoCloseable {

    private final int number;
    private final Layout layout;
    private final Envelope envelope;
    private final SlotFile file;
    private final ByteBuffer plain;

    Shelf(int number, Layout layout, Path directory, Envelope envelope) {
        this.number = number;
        this.layout = layout;
        this.envelope = envelope;
        this.file =
                new SlotFile(
                        directory.resolve("payload-" + number + ".rows"),
                        layout.bytes() + envelope.overhead());
        this.plain = ByteBuffer.allocateDirect(Math.toIntExact(layout.bytes()));
    }

    int number() {
        return number;
    }

    Layout layout() {
        return layout;
    }

    SlotFile file() {
        return file;
    }

    /** Writes a sample into a free slot, which it takes, and returns the slot. */
    int write(long id, PackedRows rows, int row) {
        rows.copy(row, plain.clear());
        envelope.close(Envelope.Kind.PAYLOAD, id, plain.flip(), file.record());
        int slot = file.claimFree();
        file.write(slot);
        return slot;
    }

    /** Returns the bytes of a sample, valid until the next call. */
    ByteBuffer read(long id, int slot) {
        try {
            return envelope.open(Envelope.Kind.PAYLOAD, id, file.read(slot));
        } catch (Envelope.BrokenSealException e) {
            throw new EngramException(
                    "%s is damaged at sample %s in slot %s: %s. Restore its directory from a backup"
                            .formatted(file.path(), id, slot, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
