package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a reader takes in at once: no package of the modules and samples outgrows it. */
class PackagesTest {

    private static final long MOST_FILES = 20;

    @Test
    void noPackageHoldsMoreThanTwentyFiles() throws IOException {
        Map<String, Long> packages = new TreeMap<>();
        for (Path module : Modules.withCode()) {
            packages.putAll(filesOfEachPackage(module.resolve("src/main/java")));
        }
        assertThat(packages).hasSizeGreaterThan(50);
        assertThat(packages)
                .allSatisfy((name, files) -> assertThat(files).isLessThanOrEqualTo(MOST_FILES));
    }

    private static Map<String, Long> filesOfEachPackage(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> Modules.root().relativize(file.getParent()).toString())
                    .collect(Collectors.groupingBy(folder -> folder, Collectors.counting()));
        }
    }
}
