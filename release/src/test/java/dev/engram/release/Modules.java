package dev.engram.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The modules of this build, read from its POMs. */
final class Modules {

    private static final Pattern MODULE = Pattern.compile("<module>(.+?)</module>");
    private static final Pattern MANAGED =
            Pattern.compile("<artifactId>(engram-.+?)</artifactId>\\s*<version>");
    private static final String PUBLISHED = "<maven.deploy.skip>false</maven.deploy.skip>";

    private Modules() {}

    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("sdk-bom"))) {
            at = at.getParent();
        }
        return at;
    }

    /** Returns the folders of what is published to be depended on: all but BOM and archetype. */
    static List<Path> published() {
        return all().filter(module -> read(module).contains(PUBLISHED))
                .filter(module -> !module.endsWith("sdk-bom") && !module.endsWith("archetype"))
                .toList();
    }

    /** Returns the folders of all that is compiled, samples included. */
    static List<Path> withCode() {
        return all().filter(module -> Files.exists(module.resolve("src/main/java"))).toList();
    }

    private static Stream<Path> all() {
        return MODULE.matcher(read(root())).results().map(found -> root().resolve(found.group(1)));
    }

    /** Returns the artifacts that the BOM pins. */
    static List<String> pinned() {
        Matcher managed = MANAGED.matcher(read(root().resolve("sdk-bom")));
        return managed.results().map(found -> found.group(1)).toList();
    }

    static String artifact(Path module) {
        String name = module.getFileName().toString();
        return module.getParent().endsWith("plugins") ? "engram-plugin-" + name : "engram-" + name;
    }

    private static String read(Path module) {
        try {
            return Files.readString(module.resolve("pom.xml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
