package dev.engram.replay.internal.records;

import dev.engram.api.InvalidOptionException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals each record with AES-256-GCM: nobody reads it without the key, nor changes it or moves it
 * to another number unseen.
 *
 * <p>A closed record is a random nonce, the cipher text and a tag. Random nonces of 96 bits are
 * good for 2³² records under one key.
 */
public final class Sealer extends Envelope {

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final SecretKey key;
    private final Cipher cipher;
    private final SecureRandom random = new SecureRandom();
    private ByteBuffer opened = ByteBuffer.allocate(0);

    /**
     * Creates it.
     *
     * @throws InvalidOptionException if the key does not have 256 bits
     */
    Sealer(SecretKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded != null && encoded.length != KEY_BYTES) {
            throw new InvalidOptionException(
                    "optKey(...): the key has %s bits; AES-256 needs 256"
                            .formatted(encoded.length * Byte.SIZE));
        }
        this.key = key;
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JVM has no AES/GCM/NoPadding", e);
        }
    }

    /** Returns what closes the records of a store: this with a key, a checksum without one. */
    public static Envelope orChecksum(@Nullable SecretKey key) {
        return key == null ? new Checksum() : new Sealer(key);
    }

    @Override
    public String name() {
        return "aes-256-gcm";
    }

    @Override
    public int overhead() {
        return NONCE_BYTES + TAG_BYTES;
    }

    @Override
    public void close(Kind kind, long id, ByteBuffer plain, ByteBuffer target) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        target.put(nonce);
        try {
            start(Cipher.ENCRYPT_MODE, nonce, kind, id);
            cipher.doFinal(plain, target);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The record " + id + " cannot be sealed", e);
        }
    }

    @Override
    public ByteBuffer open(Kind kind, long id, ByteBuffer closed) throws BrokenSealException {
        if (closed.remaining() < overhead()) {
            throw new BrokenSealException("it has only " + closed.remaining() + " bytes");
        }
        int length = closed.remaining() - overhead();
        if (opened.capacity() < length) {
            opened = ByteBuffer.allocate(length);
        }
        opened.clear();
        byte[] nonce = new byte[NONCE_BYTES];
        closed.get(nonce);
        try {
            start(Cipher.DECRYPT_MODE, nonce, kind, id);
            cipher.doFinal(closed, opened);
        } catch (AEADBadTagException e) {
            throw new BrokenSealException("it was not sealed with this key, or it is damaged");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The record " + id + " cannot be opened", e);
        }
        return opened.flip();
    }

    private void start(int mode, byte[] nonce, Kind kind, long id) throws GeneralSecurityException {
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(label(kind, id));
    }
}
