package dev.engram.lora.peft;

import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The checksums of an adapter's files and the fingerprint of its base, as Engram puts them beside
 * PEFT's files; {@code sha256sum -c} reads them too.
 */
final class AdapterSums {

    static final String FILE = "engram.sha256";

    private static final Pattern SUM = Pattern.compile("([0-9a-f]{64})  (\\S+)");
    private static final Pattern BASE = Pattern.compile("# base ([0-9a-f]{64})");
    private static final long MOST_BYTES = 4_096;

    private final Map<String, String> files = new LinkedHashMap<>();
    private @Nullable String base;

    AdapterSums(@Nullable String base) {
        this.base = base;
    }

    static AdapterSums read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw damaged(file, bytes + " bytes");
        }
        AdapterSums sums = new AdapterSums(null);
        for (String line : lines(file)) {
            if (!sums.take(line)) {
                throw damaged(file, "the line '" + line + "'");
            }
        }
        return sums;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (CharacterCodingException e) {
            throw damaged(file, "bytes that are no text");
        }
    }

    private static EngramException damaged(Path file, String seen) {
        return new EngramException(
                "%s holds %s and is damaged: restore the folder, or write the adapter again"
                        .formatted(file, seen));
    }

    private boolean take(String line) {
        Matcher sum = SUM.matcher(line);
        Matcher stated = BASE.matcher(line);
        if (sum.matches()) {
            return files.put(sum.group(2), sum.group(1)) == null;
        }
        if (stated.matches() && base == null) {
            base = stated.group(1);
            return true;
        }
        return false;
    }

    AdapterSums with(String name, String sum) {
        files.put(name, sum);
        return this;
    }

    boolean has(String name, String sum) {
        return sum.equals(files.get(name));
    }

    Optional<String> base() {
        return Optional.ofNullable(base);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        base().ifPresent(sum -> text.append("# base ").append(sum).append('\n'));
        files.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
        return text.toString();
    }
}
