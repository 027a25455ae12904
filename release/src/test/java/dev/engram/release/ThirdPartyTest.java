package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThirdPartyTest {

    private static final Path MADE = Path.of("target", "bom.json");

    /** Of a component with several licences one must be here: whoever uses it may choose. */
    private static final Set<String> ALLOWED =
            Set.of(
                    "Apache-2.0",
                    "MIT",
                    "BSD-2-Clause",
                    "BSD-3-Clause",
                    "The (New) BSD License",
                    "EPL-1.0",
                    "EPL 1.0",
                    "EPL-2.0",
                    "Public Domain");

    private static final String HEAD =
            """
            # What Engram's artifacts bring

            Made by the build of the bill of materials of all published modules together; what only our own tests and samples use is not in it.
            JUnit, AssertJ and ArchUnit come with `engram-sdk-tck` alone, which belongs in a plug-in's test scope. A licence that is not in
            the list of `ThirdPartyTest` fails the build. `engram-sdk-djl` contains Chart.js besides, see NOTICE; the engine (PyTorch and others)
            is your choice and in no artifact of Engram.

            | artifact | version | licence |
            | --- | --- | --- |
            """;

    @BeforeEach
    void requireMade() {
        assumeThat(MADE)
                .as("the bill of materials, which Maven makes only when it is online")
                .exists();
    }

    @Test
    void whatIsBroughtIsUnderALicenceThatUsersCanTake() throws IOException {
        assertThat(Component.readAll(MADE))
                .hasSizeGreaterThan(20)
                .allSatisfy(
                        component ->
                                assertThat(component.licences())
                                        .as(component.name())
                                        .containsAnyElementsOf(ALLOWED));
    }

    @Test
    void theListInTheRepositoryIsTheOneThatTheBuildMakes() throws IOException {
        List<String> lines = new ArrayList<>(HEAD.lines().toList());
        Component.readAll(MADE).forEach(component -> lines.add(component.row()));
        Committed.requireSame(Modules.root().resolve("THIRD-PARTY.md"), lines);
    }
}
