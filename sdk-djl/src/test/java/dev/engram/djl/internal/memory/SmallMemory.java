package dev.engram.djl.internal.memory;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.memory.LearntTask;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** A memory directory with one task and one tensor, and what it takes to write it again. */
final class SmallMemory implements AutoCloseable {

    final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    final MemoryDirectory directory;
    private final Block block = Linear.builder().setUnits(3).build();

    SmallMemory(Path root) {
        directory = new MemoryDirectory(root);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
    }

    GenerationDraft draft() {
        GenerationDraft draft =
                new GenerationDraft(
                        List.of(LearntTask.of("a", List.of(0, 1))),
                        block.getParameters(),
                        Instant.EPOCH);
        MemoryWriter ewc = draft.writer("ewc", manager);
        ewc.text("scale", "RAW");
        ewc.tensor("anchor", "w", manager.ones(new Shape(4)));
        return draft;
    }

    long write(long base) {
        return directory.write(draft(), base);
    }

    NDArray anchor() {
        return anchor(directory.latest().orElseThrow());
    }

    NDArray anchor(Generation generation) {
        return generation.reader("ewc", manager).tensors("anchor", manager).get("w");
    }

    @Override
    public void close() {
        manager.close();
    }
}
