package dev.engram.scenarios.results;

import java.util.Optional;

/** Says how glibc treats freed memory in this process: it changes every step's time. */
public final class MallocSetting {

    private MallocSetting() {}

    /** Returns both thresholds as they are set. */
    public static String describe() {
        return of("MALLOC_TRIM_THRESHOLD_") + ", " + of("MALLOC_MMAP_THRESHOLD_");
    }

    private static String of(String variable) {
        return variable + "=" + Optional.ofNullable(System.getenv(variable)).orElse("(default)");
    }
}
