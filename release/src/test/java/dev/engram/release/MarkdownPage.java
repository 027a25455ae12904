package dev.engram.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What of a page can be linked to, and what it links to. */
final class MarkdownPage {

    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
    private static final Pattern QUOTE = Pattern.compile("(?m)(?:^> ?.*(?:\n|\\z))+");

    private final Path file;
    private final String prose;

    MarkdownPage(Path file) {
        this.file = file;
        try {
            this.prose = FENCED.matcher(Files.readString(file)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the pages of a folder and those below it. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
        }
    }

    /** Returns the links to other files of the repository, and to places in this one. */
    List<String> links() {
        return LINK.matcher(CODE.matcher(prose).replaceAll(""))
                .results()
                .map(found -> found.group(1))
                .filter(link -> !link.contains("://") && !link.startsWith("mailto:"))
                .toList();
    }

    /** Returns the file that a link leads to. */
    Path target(String link) {
        String path = link.split("#", 2)[0];
        return path.isEmpty() ? file : file.resolveSibling(path).normalize();
    }

    /** Returns the names of the headings, as GitHub makes them. */
    Set<String> anchors() {
        Set<String> anchors = new LinkedHashSet<>();
        HEADING.matcher(prose)
                .results()
                .map(found -> anchor(found.group(1)))
                .forEach(
                        anchor -> {
                            String unique = anchor;
                            for (int i = 1; !anchors.add(unique); i++) {
                                unique = anchor + "-" + i;
                            }
                        });
        return anchors;
    }

    /** Returns what is quoted, each quotation on one line. */
    List<String> quotations() {
        return QUOTE.matcher(prose)
                .results()
                .map(found -> found.group().replaceAll("(?m)^> ?", "").strip())
                .map(quoted -> quoted.replaceAll("\\s+", " "))
                .toList();
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
