package dev.engram.djl.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.memory.DamagedMemoryException;
import dev.engram.kit.files.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A memory directory may come from anybody, and names in it from any plug-in. */
class CraftedMemoryTest {

    @TempDir private Path home;
    private Path generation;
    private SmallMemory memory;

    @BeforeEach
    void write() {
        Path root = home.resolve("memory");
        memory = new SmallMemory(root);
        memory.write(0);
        generation = root.resolve("generation-000001");
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../outside.anchor.safetensors",
                "/tmp/outside.anchor.safetensors",
                "..\\\\outside.safetensors",
                "con.anchor.safetensors",
                "Ewc.anchor.safetensors",
                "manifest.json"
            })
    void aManifestThatNamesOtherFilesIsRefused(String name) throws IOException {
        Files.copy(
                generation.resolve("ewc.anchor.safetensors"),
                home.resolve("outside.anchor.safetensors"));
        craft("\"ewc.anchor.safetensors\"", "\"" + name + "\"");
        assertThatThrownBy(() -> memory.directory.latest())
                .isInstanceOf(DamagedMemoryException.class)
                .hasMessageContaining("manifest.json is damaged: it names the file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(?s).*|null|empty",
                "(?s).*|[]|cannot be read",
                "\"tasks\": \\[.*?\\],\\s*\"par|\"tasks\": null, \"par|lacks a part",
                "\"name\": \"a\"|\"name\": null|lacks a part",
                "\"scale\": \"RAW\"|\"scale\": null|lacks a part",
                "\"dtype\": \"float32\"|\"dtype\": null|lacks a part",
                "\"generation\": 1|\"generation\": 7|it says 7"
            })
    void aManifestThatLacksSomethingIsDamaged(String what, String by, String told)
            throws IOException {
        Path manifest = generation.resolve("manifest.json");
        seal(Files.readString(manifest).replaceFirst("(?s)" + what, by));
        assertThatThrownBy(() -> memory.directory.latest())
                .isInstanceOf(DamagedMemoryException.class)
                .hasMessageContaining(told);
    }

    @Test
    void aDeepManifestIsDamagedAndNoStackOverflow() throws IOException {
        seal("{\"parameters\":" + "[".repeat(1_000_000));
        assertThatThrownBy(() -> memory.directory.latest())
                .isInstanceOf(DamagedMemoryException.class);
    }

    @Test
    void aLinkToADeviceIsNotReadToItsEnd() throws IOException {
        Path tensors = generation.resolve("ewc.anchor.safetensors");
        Files.delete(tensors);
        Files.createSymbolicLink(tensors, Path.of("/dev/zero"));
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () ->
                        assertThatThrownBy(() -> memory.directory.latest())
                                .isInstanceOf(DamagedMemoryException.class)
                                .hasMessageContaining("ewc.anchor.safetensors"));
    }

    @Test
    void whatALinkPointsToIsNotSweptAway() throws IOException {
        Path outside = Files.createDirectory(home.resolve("outside"));
        Path precious = Files.createFile(outside.resolve("precious"));
        Path link = generation.resolveSibling("generation-000002.tmp");
        Files.createSymbolicLink(link, outside);
        memory.write(1);
        assertThat(link).doesNotExist();
        assertThat(precious).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"my kind/x", "../../../escape", "Anchor", "a.b", "", "nul"})
    void aKindOfTensorsThatIsNoFileNameIsRefusedAtOnce(String kind) {
        GenerationDraft draft = memory.draft();
        MemoryWriter writer = draft.writer("si", memory.manager);
        assertThatThrownBy(() -> writer.tensor(kind, "w", memory.manager.create(1f)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("guard \"si\"")
                .hasMessageContaining("becomes a file name");
        MemoryReader reader = memory.directory.latest().orElseThrow().reader("ewc", memory.manager);
        assertThatThrownBy(() -> reader.tensors(kind, memory.manager))
                .isInstanceOf(EngramException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../escape", "Ewc", "a b"})
    void aGuardWhoseNameIsNoFileNameIsRefusedByTheWriter(String guard) {
        GenerationDraft draft = memory.draft();
        assertThatThrownBy(() -> draft.writer(guard, memory.manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("becomes a file name");
        assertThat(home.toFile().list()).isEqualTo(List.of("memory").toArray());
    }

    private void craft(String what, String by) throws IOException {
        seal(Files.readString(generation.resolve("manifest.json")).replace(what, by));
    }

    private void seal(String manifest) throws IOException {
        Path file = generation.resolve("manifest.json");
        Files.writeString(file, manifest);
        Files.writeString(
                generation.resolve("manifest.json.sha256"),
                Checksums.of(file) + "  manifest.json\n");
    }
}
