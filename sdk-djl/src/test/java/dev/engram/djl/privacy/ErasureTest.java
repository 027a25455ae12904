package dev.engram.djl.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {

    private static final String SECRET = "what Ada bought";

    @TempDir private Path home;
    private Path memory;
    private Model model;

    @BeforeEach
    void open() {
        memory = home.resolve("memory");
        model = Model.newInstance("m", "PyTorch");
        Block block = Linear.builder().setUnits(3).build();
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
        model.setBlock(block);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aGuardThatFailsKeepsNeitherTheOthersNorTheDirectoryFromErasing() throws IOException {
        Keeping rude = new Keeping("rude");
        rude.fails = true;
        Keeping kept = new Keeping("kept");
        try (ForgettingListener listener = listener(rude, kept)) {
            listener.remember(model);
            assertThat(files()).anyMatch(ErasureTest::holdsSecret);
            rude.secret = "";
            assertThatThrownBy(() -> listener.erase("Ada"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("NOT complete: 1 samples were removed")
                    .hasMessageContaining("Guard \"rude\" failed in erase(...)")
                    .hasMessageContaining("store is away");
        }
        assertThat(files()).noneMatch(ErasureTest::holdsSecret);
    }

    @Test
    void aDirectoryThatCannotBeWrittenAnewIsToldThoughTheGuardsHaveErased() {
        Keeping kept = new Keeping("kept");
        try (ForgettingListener listener = listener(kept)) {
            listener.remember(model);
            kept.failsToSave = true;
            assertThatThrownBy(() -> listener.erase("Ada"))
                    .hasMessageContaining("1 samples were removed")
                    .hasMessageContaining("Guard \"kept\" failed in save(...)");
        }
        assertThat(kept.secret).isEmpty();
    }

    @Test
    void nothingOfASaveThatDiedBeforeTheFirstTaskWasLearntIsLeft() throws IOException {
        Path left = Files.createDirectories(memory.resolve("generation-000001.tmp"));
        Files.writeString(left.resolve("kept.samples.safetensors"), SECRET);
        try (ForgettingListener listener = listener(new Keeping("kept"))) {
            listener.erase("Ada");
        }
        assertThat(files()).noneMatch(ErasureTest::holdsSecret);
    }

    @Test
    void aMemoryThatWasDeletedHoldsNothingMore() throws IOException {
        Keeping kept = new Keeping("kept");
        try (ForgettingListener listener = listener(kept)) {
            listener.remember(model);
            MoreFiles.deleteRecursively(memory, RecursiveDeleteOption.ALLOW_INSECURE);
            assertThat(listener.erase("Ada")).isEqualTo(1);
        }
    }

    @Test
    void aTaskIsRefusedBeforeItIsTakenInIfAnotherListenerHasWrittenSince() {
        Keeping second = new Keeping("kept");
        try (ForgettingListener one = listener(new Keeping("kept"));
                ForgettingListener two = listener(second)) {
            one.remember(model);
            assertThatThrownBy(() -> two.remember(model))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("has written generation 1");
            assertThat(second.isAnchored).isFalse();
        }
    }

    private ForgettingListener listener(Keeping... guards) {
        var builder = ForgettingListener.builder().optMemory(memory);
        Stream.of(guards).forEach(builder::addGuard);
        return builder.build();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean holdsSecret(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(SECRET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps one sample, as a text. */
    private static final class Keeping implements ForgettingGuard {

        private final String name;
        private String secret = SECRET;
        private boolean fails;
        private boolean failsToSave;
        private boolean isAnchored;

        Keeping(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void onAnchor(TrainingView training) {
            isAnchored = true;
        }

        @Override
        public long erase(String subject) {
            if (fails) {
                throw new IllegalStateException("the store is away");
            }
            long removed = secret.isEmpty() ? 0 : 1;
            secret = "";
            return removed;
        }

        @Override
        public void save(MemoryWriter memory) {
            if (failsToSave) {
                throw new IllegalStateException("no room");
            }
            memory.text("sample", secret);
        }

        @Override
        public void restore(MemoryReader memory) {
            secret = memory.text("sample").orElse("");
        }
    }
}
