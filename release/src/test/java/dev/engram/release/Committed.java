package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of the repository that says what the build makes, so that a change of it is seen in a
 * review; {@code -Dengram.write=true} writes it anew.
 */
final class Committed {

    private static final String HOW =
            "%s is not what the build makes. If the change is meant, run ./mvnw -pl release -am"
                    + " test -Dtest='ApiTest,ThirdPartyTest,StrategyPagesTest,WritingAPluginTest'"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dengram.write=true and commit the"
                    + " file; docs/versioning.md says which changes are allowed";

    private Committed() {}

    static void requireSame(Path file, List<String> made) throws IOException {
        if (Boolean.getBoolean("engram.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\n", made) + "\n");
        }
        List<String> committed = Files.exists(file) ? Files.readAllLines(file) : List.of();
        assertThat(made).as(HOW, file).containsExactlyElementsOf(committed);
    }
}
