package dev.engram.djl.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.engram.api.EngramException;
import dev.engram.djl.memory.DamagedMemoryException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryAccidentsTest {

    @TempDir private Path home;
    private Path root;
    private SmallMemory memory;

    @BeforeEach
    void open() {
        root = home.resolve("memory");
        memory = new SmallMemory(root);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "th-TH-u-nu-thai", "tr-TR", "my-MM"})
    void whatOneLocaleWritesEveryOtherReads(String tag) {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(tag));
        try {
            memory.write(0);
        } finally {
            Locale.setDefault(before);
        }
        assertThat(root.resolve("generation-000001")).isDirectory();
        assertThat(memory.anchor().toFloatArray()).containsOnly(1f).hasSize(4);
        assertThat(memory.write(1)).isEqualTo(2);
    }

    @Test
    void aFolderInTheDigitsOfALocaleIsNotOverlooked() throws IOException {
        Files.createDirectories(root.resolve("generation-٠٠٠٠٠٣"));
        assertThatThrownBy(() -> memory.directory.latest())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("rename it to generation-000003");
    }

    @Test
    void aThreadThatIsInterruptedWritesAndReadsAllTheSame() {
        Thread.currentThread().interrupt();
        memory.write(0);
        memory.directory.requireWritable(1);
        assertThat(memory.anchor().toFloatArray()).hasSize(4);
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    }

    @Test
    void interruptsInTheMidstOfAWriteLoseNothing() throws InterruptedException {
        Thread writer = Thread.currentThread();
        CountDownLatch done = new CountDownLatch(1);
        Thread interrupter =
                new Thread(
                        () -> {
                            try {
                                while (!done.await(7, TimeUnit.MILLISECONDS)) {
                                    writer.interrupt();
                                }
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        interrupter.start();
        for (int base = 0; base < 20; base++) {
            assertThat(memory.write(base)).isEqualTo(base + 1L);
        }
        done.countDown();
        // Clears the flag, which would end the wait.
        Thread.interrupted();
        interrupter.join();
        assertThat(memory.directory.latest().orElseThrow().number()).isEqualTo(20);
    }

    @Test
    void tensorsOfAGenerationThatWasDroppedAreAnErrorAndNotNone() {
        memory.write(0);
        Generation opened = memory.directory.latest().orElseThrow();
        memory.write(1);
        memory.write(2);
        assertThatThrownBy(() -> memory.anchor(opened))
                .isInstanceOf(DamagedMemoryException.class)
                .hasMessageContaining("generation-000001")
                .hasMessageContaining("is gone since this memory was opened");
    }

    @Test
    void aTaskIsWarnedBeforeItTrainsThatItsEndCannotBeWritten() throws IOException {
        memory.write(0);
        assertThatCode(() -> memory.directory.requireWritable(1)).doesNotThrowAnyException();
        assertThatThrownBy(() -> memory.directory.requireWritable(0))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("has written generation 1, after 0");
        Path file = Files.createFile(home.resolve("file"));
        MemoryDirectory nowhere = new MemoryDirectory(file.resolve("memory"));
        assertThatThrownBy(() -> nowhere.requireWritable(0))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Cannot write the memory to " + nowhere.path());
    }

    @Test
    void lookingWhetherItCanBeWrittenLeavesNothing() {
        memory.directory.requireWritable(0);
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aWriterInTheSameProcessIsTold() throws IOException {
        memory.write(0);
        try (FileChannel channel =
                        FileChannel.open(root.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(() -> memory.write(1))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("is writing to the memory")
                    .hasMessageContaining("something else in this process");
        }
        assertThat(memory.write(1)).isEqualTo(2);
    }

    @Test
    void aDirectoryThatWasDeletedIsMadeAgain() throws IOException {
        memory.write(0);
        MoreFiles.deleteRecursively(root, RecursiveDeleteOption.ALLOW_INSECURE);
        assertThat(memory.write(1)).isEqualTo(2);
        assertThat(memory.directory.latest()).isPresent();
    }

    @Test
    void whatAWriterThatDiedLeftBehindCanBeRemovedBeforeAnythingWasEverWritten()
            throws IOException {
        Path left = Files.createDirectories(root.resolve("generation-000001.tmp"));
        Files.writeString(left.resolve("er.samples.safetensors"), "a subject's samples");
        memory.directory.removeUnfinished();
        assertThat(left).doesNotExist();
    }
}
