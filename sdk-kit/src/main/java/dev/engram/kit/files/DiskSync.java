package dev.engram.kit.files;

import dev.engram.api.Stable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Forces what was written to the disk, so that a rename that follows cannot overtake it. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class DiskSync {

    private DiskSync() {}

    /**
     * Forces a file or folder to the disk, also in a thread that was interrupted; folders cannot be
     * opened on Windows, which needs none.
     */
    public static void force(Path path) throws IOException {
        if (Files.isDirectory(path) && System.getProperty("os.name", "").startsWith("Windows")) {
            return;
        }
        Uninterrupted.get(
                () -> {
                    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                        channel.force(true);
                    }
                    return path;
                });
    }
}
