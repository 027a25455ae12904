package dev.engram.kit.files;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;

/** SHA-256 of files and arrays, in hexadecimal. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Checksums {

    private Checksums() {}

    /** Returns the checksum of a file. */
    public static String of(Path file) throws IOException {
        return Uninterrupted.get(() -> sumOf(file));
    }

    private static String sumOf(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            Files.copy(file, sink);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Waits for the device and copies the array to the host. */
    public static String of(NDArray array) {
        MessageDigest digest = sha256();
        digest.update(array.toByteBuffer());
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Returns how many of an array's first rows, fewer than all, have a checksum together: those
     * that it had before it grew. Waits for the device and copies the array to the host.
     */
    public static OptionalLong grownFrom(String sum, NDArray array) {
        if (array.getShape().dimension() == 0 || array.size() == 0) {
            return OptionalLong.empty();
        }
        byte[] wanted = HexFormat.of().parseHex(sum);
        ByteBuffer bytes = array.toByteBuffer();
        int rows = (int) array.getShape().get(0);
        int row = bytes.remaining() / rows;
        MessageDigest soFar = sha256();
        for (int count = 1; count < rows; count++) {
            soFar.update(bytes.slice((count - 1) * row, row));
            if (MessageDigest.isEqual(copy(soFar).digest(), wanted)) {
                return OptionalLong.of(count);
            }
        }
        return OptionalLong.empty();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
