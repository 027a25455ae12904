package dev.engram.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The most memory that this process held so far, native memory included. */
final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double KILO = 1024;

    private PeakMemory() {}

    /** Returns the peak in megabytes, or null where the system does not tell (outside Linux). */
    static @Nullable Double megabytes() {
        if (!Files.isReadable(STATUS)) {
            return null;
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / KILO)
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
