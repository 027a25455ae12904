package dev.engram.djl.internal.memory;

import dev.engram.api.EngramException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How the folder of a generation is named; in every locale of the JVM the same. */
final class GenerationName {

    private static final String PREFIX = "generation-";
    private static final String UNFINISHED = ".tmp";
    private static final Pattern FINISHED = Pattern.compile(PREFIX + "[0-9]{6,18}");
    private static final Pattern OTHER_DIGITS = Pattern.compile(PREFIX + "\\p{Nd}{6,18}");

    private GenerationName() {}

    static String of(long number) {
        return String.format(Locale.ROOT, "%s%06d", PREFIX, number);
    }

    static Path unfinished(Path finished) {
        return finished.resolveSibling(finished.getFileName() + UNFINISHED);
    }

    static boolean isUnfinished(Path path) {
        return path.toString().endsWith(UNFINISHED);
    }

    /**
     * Returns the number of a finished generation, or nothing if the path is none.
     *
     * @throws EngramException if an old Engram wrote it with the digits of the JVM's locale
     */
    static Optional<Long> number(Path path) {
        String name = path.getFileName().toString();
        if (FINISHED.matcher(name).matches()) {
            return Optional.of(Long.parseLong(name.substring(PREFIX.length())));
        }
        if (OTHER_DIGITS.matcher(name).matches()) {
            String renamed = of(Long.parseLong(name.substring(PREFIX.length())));
            throw new EngramException(
                    "%s was written with other digits than 0 to 9, as an old version did in some locales: rename it to %s"
                            .formatted(path, renamed));
        }
        return Optional.empty();
    }
}
