package dev.engram.benchmark;

import java.util.Optional;

/** Says how glibc treats freed memory in this process: it changes every step's time. */
final class MallocSetting {

    private MallocSetting() {}

    static String describe() {
        return of("MALLOC_TRIM_THRESHOLD_") + ", " + of("MALLOC_MMAP_THRESHOLD_");
    }

    private static String of(String variable) {
        return variable + "=" + Optional.ofNullable(System.getenv(variable)).orElse("(default)");
    }
}
