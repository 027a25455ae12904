package dev.engram.kit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicReplacementTest {

    @TempDir private Path folder;

    @Test
    void aFileIsReplacedAndNothingIsLeftBeside() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        write(file, "new");
        assertThat(file).hasContent("new");
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void aWriterThatFailsLeavesTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        assertThatThrownBy(
                        () ->
                                AtomicReplacement.write(
                                        file,
                                        out -> {
                                            out.write('n');
                                            throw new IOException("full");
                                        }))
                .hasMessage("full");
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void aLinkStaysOneAndWhatItLeadsToIsReplaced() throws IOException {
        Path real = Files.writeString(folder.resolve("real"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        write(link, "new");
        assertThat(real).hasContent("new");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void aFolderGetsANameThatNothingHas() throws IOException {
        Path unfinished = Files.createDirectory(folder.resolve("unfinished"));
        Files.writeString(unfinished.resolve("inside"), "it");
        AtomicReplacement.of(unfinished, folder.resolve("finished"));
        assertThat(folder.resolve("finished").resolve("inside")).hasContent("it");
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void aFolderThatHoldsSomethingIsNotReplaced() throws IOException {
        Path unfinished = Files.createDirectory(folder.resolve("unfinished"));
        Path there = Files.createDirectory(folder.resolve("finished"));
        Path inside = Files.writeString(there.resolve("inside"), "old");
        assertThatThrownBy(() -> AtomicReplacement.of(unfinished, there))
                .isInstanceOf(IOException.class);
        assertThat(inside).hasContent("old");
        assertThat(unfinished).exists();
    }

    private static void write(Path file, String text) throws IOException {
        AtomicReplacement.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
