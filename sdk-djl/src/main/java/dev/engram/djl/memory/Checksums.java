package dev.engram.djl.memory;

import ai.djl.ndarray.NDArray;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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
        return Uninterrupted.get(
                () -> MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString());
    }

    /** Waits for the device and copies the array to the host. */
    public static String of(NDArray array) {
        return Hashing.sha256().hashBytes(array.toByteBuffer()).toString();
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
