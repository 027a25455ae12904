package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BomTest {

    private static final Pattern GROUP = Pattern.compile("<groupId>(.+?)</groupId>");

    private static final Pattern MANAGED_RUNTIME =
            Pattern.compile("<artifactId>onnxruntime</artifactId>\\s*<version>(.+?)</version>");

    @Test
    void theBomPinsWhatIsPublishedOfEngram() {
        assertThat(Modules.pinned())
                .containsExactlyInAnyOrderElementsOf(
                        Modules.published().stream().map(Modules::artifact).toList())
                .hasSizeGreaterThan(9);
    }

    /** What else it pinned, it would take out of its users' hands. */
    @Test
    void asItIsPublishedTheBomPinsNothingOfOthersButTheRuntimeThatDjlsPinsOtherwise()
            throws IOException {
        Path published = Modules.root().resolve("sdk-bom/target/.flattened-pom.xml");
        String pom = Files.readString(published);
        assertThat(GROUP.matcher(pom).results().map(found -> found.group(1)).distinct())
                .containsExactlyInAnyOrder("dev.engram", "com.microsoft.onnxruntime");
        // Of variables only its own version is known where it is imported.
        assertThat(pom.replace("${project.version}", ""))
                .doesNotContain("${")
                .doesNotContain("<parent>");
        String runtime = MANAGED_RUNTIME.matcher(pom).results().findFirst().orElseThrow().group(1);
        assertThat(Modules.root().resolve("pom.xml"))
                .content()
                .contains("<onnxruntime.version>" + runtime + "<");
    }
}
