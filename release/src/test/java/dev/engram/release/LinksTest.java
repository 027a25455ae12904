package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No link of README and docs leads nowhere, and the index leads to every page. */
class LinksTest {

    private static final Path DOCS = Modules.root().resolve("docs");
    private static final Path INDEX = DOCS.resolve("README.md");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(MarkdownPage.in(DOCS));
        for (String name :
                List.of(
                        "README",
                        "CHANGELOG",
                        "CONTRIBUTING",
                        "SECURITY",
                        "samples/custom-plugin/README")) {
            pages.add(Modules.root().resolve(name + ".md"));
        }
        Modules.published().stream()
                .map(module -> module.resolve("README.md"))
                .filter(Files::exists)
                .forEach(pages::add);
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachLinkLeadsToAFileAndAHeadingOfIt(Path file) {
        MarkdownPage page = new MarkdownPage(file);
        assertThat(page.links())
                .allSatisfy(
                        link -> {
                            Path target = page.target(link);
                            assertThat(Files.exists(target)).as("%s exists", target).isTrue();
                            if (link.contains("#")) {
                                String anchor = link.substring(link.indexOf('#') + 1);
                                assertThat(new MarkdownPage(target).anchors()).contains(anchor);
                            }
                        });
    }

    @Test
    void theIndexLeadsToEveryPage() throws IOException {
        MarkdownPage index = new MarkdownPage(INDEX);
        assertThat(index.links().stream().map(index::target))
                .containsAll(
                        MarkdownPage.in(DOCS).stream().filter(page -> !page.equals(INDEX)).toList())
                .doesNotHaveDuplicates();
    }
}
