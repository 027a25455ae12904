package dev.engram.djl.memory;

import ai.djl.ndarray.NDArray;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import dev.engram.api.Experimental;
import java.io.IOException;
import java.nio.file.Path;

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
}
