package dev.engram.benchmark.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The most memory that this process held so far, native memory included. */
public final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double KILO = 1024;

    private PeakMemory() {}

    /** Returns the peak in megabytes, or null where the system does not tell (outside Linux). */
    public static @Nullable Double megabytes() {
        return Files.isReadable(STATUS) ? highest() / (KILO * KILO) : null;
    }

    /** Returns the peak in bytes; not a number where the system does not tell. */
    static double highest() {
        return bytes("VmHWM:");
    }

    /**
     * Returns what the process holds now, in bytes; not a number where the system does not tell.
     */
    static double now() {
        return bytes("VmRSS:");
    }

    private static double bytes(String line) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(text -> text.startsWith(line))
                    .map(text -> Double.parseDouble(text.replaceAll("[^0-9]", "")) * KILO)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
