package dev.engram.assistant.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClincFolderTest {

    private static final String DOMAINS = "{\"bank\": [\"pay\", \"ask\"], \"home\": [\"cook\"]}";
    private static final String SENTENCES =
            """
            {"train": [["pay it", "pay"], ["may I ask", "ask"], ["cook it", "cook"]],
             "test": [["ask", "ask"], ["cook", "cook"]]}
            """;

    @TempDir private Path folder;

    @Test
    void intentsAreCountedWithinTheirDomain() throws IOException {
        write(DOMAINS, SENTENCES);
        List<Domain> domains = new ClincFolder(folder).read("test");
        assertThat(domains.stream().map(Domain::name)).containsExactly("bank", "home");
        assertThat(domains.get(0).train())
                .containsExactly(new Sentence("pay it", 0), new Sentence("may I ask", 1));
        assertThat(domains.get(1).test()).containsExactly(new Sentence("cook", 0));
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertRefused("domains.json");
        Files.writeString(folder.resolve("domains.json"), DOMAINS);
        assertRefused("data_full.json");
        assertThatThrownBy(() -> new ClincFolder(folder.resolve("absent")).read("test"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is not a folder");
    }

    @Test
    void whatIsDamagedIsNamedWithItsPlace() throws IOException {
        write(DOMAINS, SENTENCES.substring(0, 40));
        assertRefused("data_full.json is damaged");
        write("", SENTENCES);
        assertRefused("domains.json is empty");
        write(DOMAINS, SENTENCES.replace("[\"may I ask\", \"ask\"]", "[\"may I ask\"]"));
        assertRefused("train[1] is [may I ask]");
        write(DOMAINS, SENTENCES.replace("\"may I ask\", \"ask\"", "\"may I ask\", \"beg\""));
        assertRefused("train[1] has the intent \"beg\"");
        write(DOMAINS, SENTENCES.replace("\"test\"", "\"rest\""));
        assertRefused("no part \"test\"");
        write(DOMAINS, SENTENCES.replace(", [\"cook\", \"cook\"]", ""));
        assertRefused("no sentence of the domain \"home\"");
    }

    @Test
    void theRealDataHasTenDomainsOfFifteenIntents() {
        Path real = Path.of(System.getProperty("engram.test.data", "."), "clinc150");
        assumeTrue(Files.isDirectory(real), "Skipped: no CLINC150 in " + real);
        List<Domain> domains = new ClincFolder(real).read("test");
        assertThat(domains).hasSize(10);
        assertThat(domains)
                .allSatisfy(
                        domain -> {
                            assertThat(domain.intents()).hasSize(15);
                            assertThat(domain.train()).hasSize(1500);
                            assertThat(domain.test()).hasSize(450);
                        });
    }

    private void write(String domains, String sentences) throws IOException {
        Files.writeString(folder.resolve("domains.json"), domains);
        Files.writeString(folder.resolve("data_full.json"), sentences);
    }

    private void assertRefused(String expected) {
        assertThatThrownBy(() -> new ClincFolder(folder).read("test"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(expected);
    }
}
