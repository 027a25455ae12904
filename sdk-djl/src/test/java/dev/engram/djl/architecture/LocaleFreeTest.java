package dev.engram.djl.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is stored reads the same in every locale of the JVM: where sources touch files, databases or
 * JSON, they format numbers with {@code Locale.ROOT}, or with {@code %s}.
 */
class LocaleFreeTest {

    private static final Pattern STORES =
            Pattern.compile(
                    "(?m)^import (static"
                        + " )?(java\\.nio\\.|java\\.io\\.|java\\.sql\\.|javax\\.sql|com\\.google\\.gson|java\\.security|java\\.net\\.|dev\\.engram\\.api\\.memory)");
    private static final Pattern LITERAL =
            Pattern.compile("\"\"\"(?s:.*?)\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"");
    private static final Pattern LOCALE_BOUND =
            Pattern.compile("%(\\d+\\$)?[-#+ 0,(]*\\d*(\\.\\d+)?[dfegaEGA]");

    /** An error's text is read by people only. */
    private static final Pattern HARMLESS = Pattern.compile("Locale\\.ROOT|new \\w*Exception\\(");

    private static final Pattern FORMATS =
            Pattern.compile(
                    "new (DecimalFormat|SimpleDateFormat|Scanner)\\(|NumberFormat\\.get\\w*\\(\\)|Collator\\.getInstance\\(\\)|\\.to(Lower|Upper)Case\\(\\)|[dD]ataType\\(\\)\\.toString\\(\\)");

    @Test
    void whatIsStoredIsWrittenAndReadWithoutTheLocaleOfTheJvm() throws IOException {
        List<String> found = new ArrayList<>();
        int files = 0;
        for (Path source : sources()) {
            String text = Files.readString(source);
            if (STORES.matcher(text).find()) {
                files++;
                search(source, text, found);
            }
        }
        assertThat(files).as("sources that touch what is stored").isGreaterThan(100);
        assertThat(found).as("write %%s, or String.format(Locale.ROOT, ...)").isEmpty();
    }

    private static void search(Path source, String text, List<String> found) {
        Matcher literals = LITERAL.matcher(text);
        while (literals.find()) {
            boolean isBound = LOCALE_BOUND.matcher(literals.group()).find();
            if (isBound && !HARMLESS.matcher(statement(text, literals.start())).find()) {
                found.add(source + ": " + literals.group());
            }
        }
        Matcher formats = FORMATS.matcher(text);
        while (formats.find()) {
            found.add(source + ": " + formats.group());
        }
    }

    private static String statement(String text, int at) {
        int begin =
                Stream.of(";\n", "{\n", "}\n")
                        .mapToInt(end -> text.lastIndexOf(end, at))
                        .max()
                        .orElseThrow();
        return text.substring(Math.max(begin, 0), text.indexOf(";\n", at));
    }

    private static List<Path> sources() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("sdk-api"))) {
            root = root.getParent();
        }
        return Stream.of(root, root.resolve("plugins"))
                .flatMap(folder -> Stream.of(folder.toFile().listFiles()))
                .map(module -> module.toPath().resolve("src/main/java"))
                .filter(Files::isDirectory)
                .flatMap(LocaleFreeTest::all)
                .toList();
    }

    private static Stream<Path> all(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
