package dev.engram.kit.files;

import dev.engram.api.Stable;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A SHA-256 that grows with what is put into it. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Sha256 {

    private static final String MAC = "HmacSHA256";

    private final MessageDigest digest;

    private Sha256(MessageDigest digest) {
        this.digest = digest;
    }

    /** Returns one of nothing yet. */
    public static Sha256 begin() {
        try {
            return new Sha256(MessageDigest.getInstance("SHA-256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Puts the bytes between a buffer's position and its limit. */
    public Sha256 put(ByteBuffer bytes) {
        digest.update(bytes);
        return this;
    }

    /** Puts a text in UTF-8. */
    public Sha256 put(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Puts four bytes, the lowest first. */
    public Sha256 put(int number) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return put(bytes.putInt(number).flip());
    }

    /** Returns a stream that puts what is written to it, and keeps nothing. */
    public OutputStream stream() {
        return new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    }

    /** Returns the sum of what was put so far, in hexadecimal; more may be put. */
    public String hex() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("Java's own SHA-256 can be copied", e);
        }
    }

    /** Returns the HMAC of a text in UTF-8, in hexadecimal. */
    public static String hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + MAC, e);
        }
    }
}
