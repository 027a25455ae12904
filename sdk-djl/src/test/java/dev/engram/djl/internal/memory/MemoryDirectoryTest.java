package dev.engram.djl.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.memory.DamagedMemoryException;
import dev.engram.djl.memory.LearntTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryDirectoryTest {

    @TempDir private Path root;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void whatWasWrittenIsReadBackBitForBit() {
        MemoryDirectory directory = new MemoryDirectory(root);
        NDArray value =
                manager.create(
                        new float[] {0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 1f / 3, Float.NaN},
                        new Shape(2, 3));
        directory.write(draft(value), 0);

        Generation read = directory.latest().orElseThrow();

        assertThat(read.number()).isEqualTo(1);
        assertThat(read.tasks()).containsExactly(LearntTask.of("a", List.of(0, 1)));
        assertThat(read.reader("ewc", manager).text("scale")).hasValue("RAW");
        NDArray back = read.reader("ewc", manager).tensors("anchor", manager).get("w");
        assertThat(back.getShape()).isEqualTo(new Shape(2, 3));
        assertThat(back.toByteArray()).isEqualTo(value.toByteArray());
    }

    @Test
    void doublePrecisionAndEmptyShapesSurvive() {
        MemoryDirectory directory = new MemoryDirectory(root);
        NDArray scalar = manager.create(Math.PI);
        directory.write(draft(scalar), 0);
        NDArray back =
                directory
                        .latest()
                        .orElseThrow()
                        .reader("ewc", manager)
                        .tensors("anchor", manager)
                        .get("w");
        assertThat(back.getDataType()).isEqualTo(DataType.FLOAT64);
        assertThat(back.getDouble()).isEqualTo(Math.PI);
    }

    @Test
    void anEmptyDirectoryRemembersNothing() {
        assertThat(new MemoryDirectory(root.resolve("absent")).latest()).isEmpty();
    }

    @Test
    void aFlippedByteInAnyFileIsNamedAndTheLastGoodGenerationOffered() throws IOException {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(manager.ones(new Shape(4))), 0);
        directory.write(draft(manager.ones(new Shape(4))), 1);
        Path newest = root.resolve("generation-000002");
        Random random = new Random(1);
        try (Stream<Path> files = Files.list(newest)) {
            for (Path file : files.toList()) {
                byte[] good = Files.readAllBytes(file);
                byte[] bad = good.clone();
                bad[random.nextInt(bad.length)] ^= 1;
                Files.write(file, bad);
                assertThatThrownBy(directory::latest)
                        .isInstanceOf(DamagedMemoryException.class)
                        .hasMessageContaining(file.getFileName().toString())
                        .hasMessageContaining("Generation 1 is intact")
                        .hasMessageContaining(newest.toString());
                Files.write(file, good);
            }
        }
        assertThat(directory.latest()).isPresent();
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(manager.ones(new Shape(4))), 0);
        Files.delete(root.resolve("generation-000001/ewc.anchor.safetensors"));
        assertThatThrownBy(directory::latest)
                .isInstanceOf(DamagedMemoryException.class)
                .hasMessageContaining("ewc.anchor.safetensors")
                .hasMessageContaining("No other generation is intact");
    }

    @Test
    void whatADyingProcessLeftBehindIsIgnoredAndSweptAway() throws IOException {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(manager.ones(new Shape(4))), 0);
        Files.createDirectory(root.resolve("generation-000002.tmp"));
        assertThat(directory.latest().orElseThrow().number()).isEqualTo(1);
        assertThat(directory.write(draft(manager.ones(new Shape(4))), 1)).isEqualTo(2);
        assertThat(root.resolve("generation-000002.tmp")).doesNotExist();
    }

    @Test
    void twoGenerationsAreKept() {
        MemoryDirectory directory = new MemoryDirectory(root);
        for (int base = 0; base < 4; base++) {
            directory.write(draft(manager.ones(new Shape(4))), base);
        }
        assertThat(root.toFile().list((dir, name) -> name.startsWith("generation-")))
                .containsExactlyInAnyOrder("generation-000003", "generation-000004");
    }

    @Test
    void aSecondProcessThatHasWrittenSinceIsNotOverwritten() {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(manager.ones(new Shape(4))), 0);
        assertThatThrownBy(() -> directory.write(draft(manager.ones(new Shape(4))), 0))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Another process has written");
        assertThat(directory.latest().orElseThrow().number()).isEqualTo(1);
    }

    @Test
    void anotherModelIsRefusedNamingTheParameterAndBothShapes() {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(linear(3), manager.ones(new Shape(4))), 0);
        Generation kept = directory.latest().orElseThrow();
        kept.requireFits(linear(3));
        kept.requireFits(linear(5)); // a head that has grown is the same model's
        assertThatThrownBy(() -> kept.requireFits(linear(2)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(
                        "weight has shape (2, 2) in the model, but (3, 2) in the memory")
                .hasMessageContaining("bias has shape (2) in the model, but (3) in the memory");
    }

    private Block linear(int units) {
        Block block = Linear.builder().setUnits(units).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
        return block;
    }

    private GenerationDraft draft(NDArray anchor) {
        return draft(linear(3), anchor);
    }

    private GenerationDraft draft(Block block, NDArray anchor) {
        GenerationDraft draft =
                new GenerationDraft(
                        List.of(LearntTask.of("a", List.of(0, 1))),
                        block.getParameters(),
                        Instant.EPOCH);
        MemoryWriter ewc = draft.writer("ewc", manager);
        ewc.text("scale", "RAW");
        ewc.tensor("anchor", "w", anchor);
        return draft;
    }

    @Test
    void textsOfOneGuardAreNotSeenByAnother() {
        MemoryDirectory directory = new MemoryDirectory(root);
        directory.write(draft(manager.ones(new Shape(4))), 0);
        Generation read = directory.latest().orElseThrow();
        assertThat(read.reader("si", manager).text("scale")).isEqualTo(Optional.empty());
        assertThat(read.reader("si", manager).tensors("anchor", manager)).isEqualTo(Map.of());
    }
}
