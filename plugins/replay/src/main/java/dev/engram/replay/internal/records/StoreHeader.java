package dev.engram.replay.internal.records;

import dev.engram.api.EngramException;
import dev.engram.replay.internal.records.Envelope.Kind;
import org.jspecify.annotations.Nullable;

/** What a durable store has written about itself, checked before anything else of it is read. */
public final class StoreHeader {

    private static final String FORMAT = "engram-samples 1 ";
    private static final byte[] PROOF = new byte[Long.BYTES];

    private final String store;
    private final Envelope envelope;

    /**
     * Creates it.
     *
     * @param store how messages name it
     * @param envelope what the caller wants to open the records with
     */
    public StoreHeader(String store, Envelope envelope) {
        this.store = store;
        this.envelope = envelope;
    }

    /** Returns the format that is written into a new store. */
    public static String format(Envelope envelope) {
        return FORMAT + envelope.name();
    }

    /** Returns a record that only the same key opens. */
    public static byte[] proof(Envelope envelope) {
        return envelope.close(Kind.PROOF, 0, PROOF);
    }

    public void requireFormat(String written) {
        if (!written.startsWith(FORMAT)) {
            throw new EngramException(
                    "%s has the format \"%s\"; this version of Engram reads \"%s\": open it with the version that wrote it"
                            .formatted(store, written, FORMAT.strip()));
        }
        if (!written.equals(format(envelope))) {
            throw new EngramException(
                    envelope instanceof Sealer
                            ? store + " was written without a key: open it without optKey(...)"
                            : store + " is encrypted: give its key with optKey(...)");
        }
    }

    public void requireKey(byte @Nullable [] proof) {
        try {
            envelope.open(Kind.PROOF, 0, proof == null ? new byte[0] : proof);
        } catch (Envelope.BrokenSealException e) {
            throw new EngramException(
                    "%s cannot be opened with this key: %s".formatted(store, e.getMessage()), e);
        }
    }
}
