package dev.engram.kit.files;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Stable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** SHA-256 of files and arrays, in hexadecimal. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Checksums {

    private Checksums() {}

    /** Returns the checksum of a file. */
    public static String of(Path file) throws IOException {
        return Uninterrupted.get(() -> sumOf(file));
    }

    private static String sumOf(Path file) throws IOException {
        Sha256 sum = Sha256.begin();
        try (OutputStream stream = sum.stream()) {
            Files.copy(file, stream);
        }
        return sum.hex();
    }

    /** Waits for the device and copies the array to the host. */
    public static String of(NDArray array) {
        return Sha256.begin().put(array.toByteBuffer()).hex();
    }

    /**
     * Returns how many of an array's first rows, fewer than all, have a checksum together: those
     * that it had before it grew. Waits for the device and copies the array to the host.
     */
    public static OptionalLong grownFrom(String sum, NDArray array) {
        if (array.getShape().dimension() == 0 || array.size() == 0) {
            return OptionalLong.empty();
        }
        ByteBuffer bytes = array.toByteBuffer();
        int rows = (int) array.getShape().get(0);
        int row = bytes.remaining() / rows;
        Sha256 soFar = Sha256.begin();
        for (int count = 1; count < rows; count++) {
            soFar.put(bytes.slice((count - 1) * row, row));
            if (soFar.hex().equals(sum)) {
                return OptionalLong.of(count);
            }
        }
        return OptionalLong.empty();
    }
}
