package dev.engram.replay.internal.records;

import java.nio.ByteBuffer;

/**
 * What is put around every record at rest, so that nobody else's, no damaged and no misplaced bytes
 * are taken for a sample.
 */
public abstract class Envelope {

    /** What a record is, so that one kind cannot be passed off as another. */
    public enum Kind {
        PROOF('o'),
        LAYOUT('l'),
        KEY('k'),
        STATE('s'),
        PAYLOAD('p');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    /** Returns the word that is written to say how records are closed. */
    public abstract String name();

    /** Returns how many bytes a closed record is longer. */
    public abstract int overhead();

    /**
     * Closes a record.
     *
     * @param plain its bytes from position to limit, all of which are consumed
     * @param target takes {@link #overhead} more bytes than those
     */
    public abstract void close(Kind kind, long id, ByteBuffer plain, ByteBuffer target);

    /**
     * Opens a record.
     *
     * @param closed its bytes from position to limit
     * @return the bytes that were closed, valid until the next call
     * @throws BrokenSealException if these are not the bytes that were closed under this id
     */
    public abstract ByteBuffer open(Kind kind, long id, ByteBuffer closed)
            throws BrokenSealException;

    public final byte[] close(Kind kind, long id, byte[] plain) {
        byte[] closed = new byte[plain.length + overhead()];
        close(kind, id, ByteBuffer.wrap(plain), ByteBuffer.wrap(closed));
        return closed;
    }

    public final byte[] open(Kind kind, long id, byte[] closed) throws BrokenSealException {
        ByteBuffer opened = open(kind, id, ByteBuffer.wrap(closed));
        byte[] plain = new byte[opened.remaining()];
        opened.get(plain);
        return plain;
    }

    static byte[] label(Kind kind, long id) {
        return ByteBuffer.allocate(Byte.BYTES + Long.BYTES)
                .put((byte) kind.letter)
                .putLong(id)
                .array();
    }

    /** The bytes are not those that were closed, or the key is another. */
    public static final class BrokenSealException extends Exception {

        private static final long serialVersionUID = 1L;

        BrokenSealException(String message) {
            super(message);
        }
    }
}
